//! What an idle group does, one request after the other.

use super::Bench;

const BOTH: [&str; 2] = ["NginxRoundRobin", "NginxLeastConn"];

/// Measured as `A_seq_nginx_smooth_wrr_*` and `A_seq_nginx_least_conn_idle_*`.
#[test]
fn idle_servers_take_turns_as_measured() {
    for name in BOTH {
        assert_eq!(Bench::new(name, &[], &[1.0; 3]).sequence(12), "012012012012", "{name}");
        assert_eq!(Bench::new(name, &[], &[5.0, 1.0, 1.0]).sequence(21), "001020000102000010200", "{name}");
        assert_eq!(Bench::new(name, &[], &[4.6, 0.2, 1.4]).sequence(21), "001020000102000010200", "weights are rounded: {name}");
    }
}

#[test]
fn a_server_that_left_keeps_its_running_weight() {
    for name in BOTH {
        let mut bench = Bench::new(name, &[], &[5.0, 1.0, 1.0]);
        // After 0 0 1 the current weights are 1, -4, 3.
        assert_eq!(bench.sequence(3), "001");
        bench.withdraw(1);
        assert_eq!(bench.sequence(6), "002000", "{name}");
        bench.admit(1);
        // It comes back with -4 and waits until that has grown.
        assert_eq!(bench.sequence(7), "0200001", "{name}");
    }
}

#[test]
fn a_new_weight_counts_at_once() {
    for name in BOTH {
        let mut bench = Bench::new(name, &[], &[1.0; 3]);
        assert_eq!(bench.sequence(3), "012");
        crate::balancing::Policy::reweigh(&mut bench.algorithm, crate::units::ServerId(0), 5.2);
        assert_eq!(bench.sequence(14), "00102000010200", "{name}");
    }
}

#[test]
fn least_connections_are_counted_by_weight() {
    let mut bench = Bench::new("NginxLeastConn", &[], &[2.0, 1.0]);
    let busy = |servers: &[u32]| {
        let mut bench = bench.clone();
        servers.iter().for_each(|server| bench.sent(*server));
        bench.choose(&[])
    };
    assert_eq!(busy(&[0]), Some(1), "1/2 > 0/1");
    assert_eq!(busy(&[0, 1]), Some(0), "1/2 < 1/1");
    assert_eq!(busy(&[0, 0, 0, 1]), Some(1), "3/2 > 1/1");
    assert_eq!(busy(&[0, 0, 1]), Some(0), "2/2 = 1/1: in turn, the heavier first");
    // Only ties move the running weights: three decisions without one, and the turn is where it was.
    bench.sent(0);
    assert_eq!([(); 3].map(|()| bench.choose(&[])), [Some(1); 3]);
    bench.ended(0, bench.request.now, false);
    assert_eq!(bench.sequence(3), "010");
}

#[test]
fn who_was_tried_is_passed_over() {
    for name in BOTH {
        let mut bench = Bench::new(name, &[], &[1.0; 3]);
        assert_eq!((bench.choose(&[0]), bench.choose(&[1, 2]), bench.choose(&[0, 1, 2])), (Some(1), Some(0), None), "{name}");
    }
}
