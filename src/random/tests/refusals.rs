//! What the constructors refuse and how they say it; what they accept never misbehaves.

use super::{examples, stream};
use crate::random::{Distribution, InvalidDistribution};

type Answer = Result<Distribution, InvalidDistribution>;

/// Numbers at and beyond every limit.
const NASTY: [f64; 26] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    -f64::MAX,
    -1.0,
    -0.0,
    0.0,
    5e-324,
    1e-310,
    9e-31,
    1e-30,
    1e-6,
    1e-3,
    0.01,
    0.05,
    0.5,
    1.0,
    1.000_000_000_000_000_2,
    2.0,
    1e3,
    1_000.1,
    1e6,
    1e18,
    1e30,
    1.1e30,
    f64::MAX,
];

fn parameter(answer: &Answer) -> Option<&'static str> {
    answer.as_ref().err().map(|error| error.parameter)
}

#[test]
fn each_bad_parameter_is_named() {
    let half = [0.5, 0.5];
    let cases = [
        (Distribution::constant(-1.0), "value"),
        (Distribution::constant(f64::NAN), "value"),
        (Distribution::uniform(-1.0, 1.0), "low"),
        (Distribution::uniform(2.0, 1.0), "high"),
        (Distribution::uniform(2.0, 2.0), "high"),
        (Distribution::uniform(2.0, f64::INFINITY), "high"),
        (Distribution::exponential(0.0), "mean"),
        (Distribution::exponential(1e31), "mean"),
        (Distribution::erlang(0, 1.0), "shape"),
        (Distribution::erlang(10_001, 1.0), "shape"),
        (Distribution::erlang(2, 0.0), "mean"),
        (Distribution::gamma(0.0, 1.0), "shape"),
        (Distribution::gamma(1.0, -1.0), "mean"),
        (Distribution::hyperexponential(&[0.5, 0.6], &[1.0, 2.0]), "probs"),
        (Distribution::hyperexponential(&half, &[1.0]), "probs"),
        (Distribution::hyperexponential(&half, &[1.0, 0.0]), "means"),
        (Distribution::hyperexponential(&[], &[]), "means"),
        (Distribution::hyperexponential(&vec![1.0 / 1001.0; 1001], &vec![1.0; 1001]), "means"),
        (Distribution::log_normal(0.0, 1.0), "mean"),
        (Distribution::log_normal(1.0, 0.0), "cv"),
        (Distribution::weibull(0.0, 1.0), "shape"),
        (Distribution::weibull(1.0, 0.0), "scale"),
        (Distribution::weibull_with_mean(1.0, f64::NAN), "mean"),
        (Distribution::pareto(1.0, 1.0), "shape"),
        (Distribution::pareto(1.5, 0.0), "scale"),
        (Distribution::bounded_pareto(0.0, 1.0, 2.0), "shape"),
        (Distribution::bounded_pareto(1.0, 0.0, 2.0), "low"),
        (Distribution::bounded_pareto(1.0, 2.0, 2.0), "high"),
        (Distribution::discrete(&[1.0, -1.0], &half), "values"),
        (Distribution::discrete(&[0.0, 0.0], &half), "values"),
        (Distribution::discrete(&[0.0, 1.0], &[1.0, 0.0]), "values"),
        (Distribution::discrete(&[], &[]), "values"),
        (Distribution::discrete(&[1.0, 2.0], &[0.5, 0.4]), "probs"),
    ];
    for (i, (answer, name)) in cases.iter().enumerate() {
        assert_eq!(parameter(answer), Some(*name), "case {i}: {answer:?}");
    }
}

#[test]
fn an_error_says_what_is_expected() {
    let text = Distribution::pareto(0.9, 1.0).map_or_else(|error| error.to_string(), |good| good.to_string());
    assert_eq!(text, "shape: expected a number above 1 (at most 1000), so that the mean is finite");
}

/// Every constructor with every pair of nasty numbers: an error that names one of the kind's own parameters, or a distribution
/// whose answers are in order.
#[test]
fn whatever_is_accepted_behaves() {
    for x in NASTY {
        behaves(&Distribution::constant(x));
        behaves(&Distribution::exponential(x));
        behaves(&Distribution::erlang(10_000, x));
        for y in NASTY {
            behaves(&Distribution::uniform(x, y));
            behaves(&Distribution::gamma(x, y));
            behaves(&Distribution::log_normal(x, y));
            behaves(&Distribution::weibull(x, y));
            behaves(&Distribution::weibull_with_mean(x, y));
            behaves(&Distribution::pareto(x, y));
            behaves(&Distribution::hyperexponential(&[x, 1.0 - x], &[y, 1.0]));
            behaves(&Distribution::hyperexponential(&[0.5, 0.5], &[x, y]));
            behaves(&Distribution::discrete(&[x, y], &[0.5, 0.5]));
            for z in NASTY {
                behaves(&Distribution::bounded_pareto(x, y, z));
            }
        }
    }
}

fn behaves(answer: &Answer) {
    let Ok(distribution) = answer else { return };
    let (mean, scv) = (distribution.mean(), distribution.scv());
    assert!(mean.is_finite() && (mean > 0.0 || distribution.quantile(1.0) == 0.0), "{distribution:?} has mean {mean}");
    assert!(scv >= 0.0, "{distribution:?} has scv {scv}");
    let mut stream = stream(0);
    for _ in 0..20 {
        let sample = distribution.sample(&mut stream);
        assert!(sample >= 0.0 && sample.is_sign_positive(), "{distribution:?} drew {sample}");
        assert!((0.0..=1.0).contains(&distribution.cdf(sample)), "{distribution:?} at {sample}");
    }
}

#[test]
fn help_covers_every_kind_once() -> Result<(), InvalidDistribution> {
    let help = Distribution::help();
    let names: Vec<&str> = help.iter().map(|help| help.name).collect();
    let expected = "Constant Uniform Exponential Erlang Gamma Hyperexponential LogNormal Weibull Pareto BoundedPareto Discrete";
    assert_eq!(names.join(" "), expected);
    for distribution in examples()? {
        assert!(names.contains(&distribution.name()), "{distribution}");
    }
    for kind in help {
        let texts = [kind.mean, kind.scv, kind.source, kind.when];
        let parts = kind.parameters.iter().flat_map(|parameter| [parameter.name, parameter.about, parameter.accepts]);
        assert!(texts.into_iter().chain(parts).all(|text| !text.is_empty()), "{}", kind.name);
    }
    Ok(())
}

#[test]
fn people_read_every_kind() -> Result<(), InvalidDistribution> {
    let texts = [
        (Distribution::constant(40.0)?, "constant 40"),
        (Distribution::uniform(1.0, 3.0)?, "uniform, from 1 to 3, mean 2"),
        (Distribution::exponential(40.0)?, "exponential, mean 40"),
        (Distribution::erlang(4, 2.0)?, "Erlang, shape 4, mean 2"),
        (Distribution::gamma(0.5, 2.0)?, "gamma, shape 0.5, mean 2"),
        (
            Distribution::hyperexponential(&[0.5, 0.5], &[1.0, 2.0])?,
            "hyperexponential, means 1, 2 with probabilities 0.5, 0.5, mean 1.5",
        ),
        (Distribution::log_normal(2.0, 1.5)?, "log-normal, mean 2, cv 1.5"),
        (Distribution::weibull(0.5, 1.0)?, "Weibull, shape 0.5, scale 1, mean 2"),
        (Distribution::weibull_with_mean(0.7, 2.0)?, "Weibull, shape 0.7, scale 1.58, mean 2"),
        (Distribution::pareto(1.5, 1.0)?, "Pareto, shape 1.5, scale 1, mean 3"),
        (Distribution::bounded_pareto(2.0, 1.0, 3.0)?, "bounded Pareto, shape 2, from 1 to 3, mean 1.5"),
        (
            Distribution::discrete(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], &[0.125; 8])?,
            "discrete, values 1, 2, 3, 4, 5 and 3 more with probabilities 0.125, 0.125, 0.125, 0.125, 0.125 and 3 more, mean 4.5",
        ),
    ];
    for (distribution, text) in texts {
        assert_eq!(distribution.to_string(), text);
    }
    Ok(())
}
