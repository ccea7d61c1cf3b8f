//! A real access log, where it is at hand: it lies beside the repository, not in it.

use lbsim::model::Trace;
use std::io::Read;
use std::path::Path;

#[test]
fn ten_thousand_requests_of_a_public_web_site() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/apache_combined.log.gz");
    let Ok(packed) = std::fs::read(&path) else {
        eprintln!("skipped: there is no apache_combined.log.gz in ../shared/data");
        return;
    };
    let mut log = Vec::new();
    flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut log).expect("a gzip file");
    let trace = Trace::parse(&log).expect("a log");

    assert_eq!(trace.arrivals.len(), 10_000);
    assert_eq!(trace.malformed.total, 0);
    assert_eq!(trace.clients, 1_753);
    let mut requests = vec![0_u32; trace.clients as usize];
    for arrival in &trace.arrivals {
        requests[arrival.client as usize] += 1;
    }
    assert_eq!(requests.iter().max(), Some(&482), "the busiest client sends 4.8 % of the requests");
    assert!(trace.arrivals.is_sorted_by_key(|arrival| arrival.at));
    assert!(trace.arrivals.windows(2).all(|pair| pair[0].at < pair[1].at), "no two requests share an instant");
    let hours = trace.length.as_secs() / 3600.0;
    assert!((80.0..84.0).contains(&hours), "from 17 May 10:05 to 20 May 21:05: {hours} h");
}
