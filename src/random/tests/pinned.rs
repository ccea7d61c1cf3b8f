//! Samples that must never change: on no platform, with no other version or feature of a crate, by no clever change of ours.
//! Who must change one says so in the change log: every result of every model changes with it.

use super::{examples, stream};
use crate::random::{InvalidDistribution, Stream};

/// Enough draws to meet wedges and tails.
const DRAWS: usize = 100_000;

/// The first two samples as bits, and a hash of the bits of many.
fn pin(mut draw: impl FnMut() -> u64) -> String {
    let samples: Vec<u64> = (0..DRAWS).map(|_| draw()).collect();
    let hash = samples.iter().fold(0u64, |hash, bits| (hash ^ bits).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(29));
    format!("{:016x} {:016x} {hash:016x}", samples[0], samples[1])
}

fn assert_pins(found: &[String], expected: &str) {
    let found = found.join("\n");
    assert_eq!(found, expected.trim(), "samples have changed; found:\n{found}");
}

#[test]
fn methods_of_streams() {
    let mut streams: Vec<Stream> = (0..5).map(|_| stream(0)).collect();
    let mut numbers = 0..;
    let found = [
        pin(|| streams[0].bits()),
        pin(|| streams[1].uniform().to_bits()),
        pin(|| streams[2].exponential().to_bits()),
        pin(|| streams[3].normal().to_bits()),
        pin(|| streams[4].below(3 << 30).into()),
        pin(|| stream_of_item(numbers.next().unwrap_or_default()).bits()),
    ];
    assert_pins(&found, METHODS);
}

fn stream_of_item(number: u64) -> Stream {
    Stream::keyed(crate::random::Seed(7), 3, crate::random::Role::Think, 9, number)
}

#[test]
fn distributions() -> Result<(), InvalidDistribution> {
    let found: Vec<String> = examples()?
        .iter()
        .map(|distribution| {
            let mut stream = stream(1);
            format!("{} {}", pin(|| distribution.sample(&mut stream).to_bits()), distribution.name())
        })
        .collect();
    assert_pins(&found, DISTRIBUTIONS);
    Ok(())
}

/// Bits, uniform, exponential, normal, whole numbers below 3 2^30, first bits of keyed streams.
const METHODS: &str = "
411800d22700b3de 484d736537ed18b2 059a7c2734265974
3fd046003489c02c 3fd2135cd94dfb46 6a1c03f138518dd5
3fc424fac0dd69a4 3fd3e055830910c5 0b4d4e1b321b4bb4
3fdb7beaae0bc796 3fe5a3aedf7b133e a08e628ed77c8715
0000000030d2009d 00000000363a168b d9b1280e6ae5dbac
4b8d490703d45bcf fb1f2b984ebf2d7f 61b1463ac15b59a2
";

/// The examples, in order.
const DISTRIBUTIONS: &str = "
3fcba091b8353754 3fc27ef18d482d8c 6aa9ce78dd819e28 Uniform
400b74123706a6ea 400a4fde31a905b2 be05b26cffb74935 Uniform
3fee4203fe9e6abb 3fd7f663d07b7313 7251f2ec5fcc63d4 Exponential
3fee4203fe9e6abb 3fd7f663d07b7313 7251f2ec5fcc63d4 Erlang
400584d2bfac2605 3ff59d6f0d435f30 b316deca41cff83a Erlang
400574d7c79a1b05 3fd8ad5d58ced80a 5c6753dba279dd0c Erlang
40001fc26415fc60 3fff427871be8d08 98604027954babb1 Erlang
3a3897b2f54b4061 3fb93c154fa14b50 8b31af990da314a7 Gamma
3f85544026b856bf 3fdfe4b557b80672 7282f80f7da1be8b Gamma
40085eff5ec7bfe9 3ff91fd930309453 5c17a110193ddd1f Gamma
40068bcecc6fc3c6 3fc7709f09eba5d0 26dd1a70aa39a0b3 Gamma
3fb7f663d07b7313 3fed038ed6c19726 3c99e6b5f513bb88 Hyperexponential
3f5eac04e1e5b204 3ffd038ed6c19726 7b1ae1442f936d64 Hyperexponential
4004a779ef030925 4001235c50496767 35ac1723d6c1b8f3 LogNormal
400071625045923d 3ff20ed3a3a1b0ba 711aa56beb082ac3 LogNormal
3fcc9c4fade3d53f 3fa1f1989b8e36c0 7d91bc2eb1331872 Weibull
3ff8edcb28513a82 3ff24e4dbb0e3f5b 42e6dd7ba2fca2e9 Weibull
3fe156e081d366f8 3fc276c950b22e6d e51826d3432ec201 Weibull
3ff5eda08fe4353e 3ff22077fb690def 351e716744cb760f Pareto
400a614dcbc384b9 4008ea667ebf1f7c 336602d0347cd7ef Pareto
3ff5eda08fe4353e 3ff22077fb690def 31fb2b5b47b84966 BoundedPareto
3ff188a3791a96db 3ff18a3ee8def84d 3478952f0ed373a2 BoundedPareto
3ff44445681985a4 3ff191ea93dc7a7c 060e14455bdfd56d BoundedPareto
4004000000000000 4004000000000000 c703f17612616b37 Constant
3ff0000000000000 3ff0000000000000 8e70ebd404b10387 Discrete
";
