//! Shards.

use super::assert_complete;
use super::lab::{Lab, folder};
use lbsim::results::{Format, Missing, Rows, Store, StoreError, export, merge};

fn shard(number: u32) -> impl Fn(usize, u32) -> bool {
    move |point, replication| (point as u32 + replication) % 3 == number
}

#[test]
fn shards_make_the_whole() {
    let lab = Lab::get();
    let shards = ["shard-0", "shard-1", "shard-2"].map(folder);
    (0..).zip(&shards).for_each(|(number, dir)| lab.store(dir, shard(number)));
    let (into, whole) = (folder("merged"), folder("unsharded"));
    lab.store(&whole, |_, _| true);

    let merged = merge(&shards[..2], &into).unwrap();
    assert_eq!(merged.records, 14);
    assert_eq!(merged.missing[0], Missing { point: 0, replications: vec![2], is_open: false });
    assert_eq!(merged.missing.iter().map(|missing| missing.replications.len()).sum::<usize>(), 6);
    // The rest comes later; what is there already does no harm.
    let merged = merge(&shards[1..], &into).unwrap();
    assert!(merged.missing.is_empty(), "{:?}", merged.missing);
    let store = Store::read(&into).unwrap();
    assert_complete(&store, lab);
    for rows in [Rows::Replications, Rows::Points] {
        let table = |store: &Store| export(store, Format::Csv, rows).unwrap();
        assert_eq!(table(&store), table(&Store::read(&whole).unwrap()));
    }
}

#[test]
fn only_shards_of_one_plan_are_merged() {
    let lab = Lab::get();
    let (one, other, into) = (folder("plan-1"), folder("plan-2"), folder("plan-into"));
    lab.store(&one, shard(0));
    let mut changed = [lab.plan.clone(), lab.plan.clone(), lab.plan.clone(), lab.plan.clone()];
    changed[0].seed = 2;
    changed[1].points[3].fingerprint = "another model".into();
    changed[2].points.pop();
    changed[3].about = "Why?".into();
    let words = ["the seeds are 1 and 2", "the model", "(4 and 3)", "names differ"];
    for (plan, words) in changed.iter().zip(words) {
        drop(Store::open(&other, plan, &Lab::provenance()).unwrap());
        let error = merge(&[one.clone(), other.clone()], &into).unwrap_err();
        assert!(matches!(&error, StoreError::OtherPlan { difference, .. } if difference.contains(words)), "{error}");
        assert!(!into.exists(), "nothing is begun");
    }
    // Into a folder of another plan: that would take its place.
    let error = merge(std::slice::from_ref(&one), &other).unwrap_err();
    assert!(matches!(error, StoreError::OtherPlan { .. }), "{error}");
    assert_eq!(Store::read(&other).unwrap().plan(), &changed[3]);
    // The name of a file is not the question.
    let mut renamed = lab.plan.clone();
    renamed.files[0].name = "elsewhere/lab.ron".into();
    drop(Store::open(&other, &renamed, &Lab::provenance()).unwrap());
    assert_eq!(merge(&[one, other], &into).unwrap().records, 7);
}

#[test]
fn shards_that_contradict_each_other_are_not_merged() {
    let lab = Lab::get();
    let (one, other, into) = (folder("said"), folder("denied"), folder("both"));
    lab.store(&one, |_, _| true);
    let (_, writer) = Store::open(&other, &lab.plan, &Lab::provenance()).unwrap();
    let mut record = lab.records[2][1].clone();
    record.born += 1;
    writer.put(2, &record).unwrap();
    writer.finish().unwrap();
    let error = merge(&[one.clone(), other.clone()], &into).unwrap_err();
    let words = "replication 1 of strategy JoinShortestQueue, arrival_rate 60/s";
    assert!(matches!(error, StoreError::Contradiction { .. }) && error.to_string().contains(words), "{error}");

    let (_, writer) = Store::open(&other, &lab.plan, &Lab::provenance()).unwrap();
    writer.decide(0, 3).unwrap();
    writer.finish().unwrap();
    let error = merge(&[one, other], &folder("both")).unwrap_err();
    assert!(error.to_string().contains("5 replications count in one, 3 in the other"), "{error}");
}
