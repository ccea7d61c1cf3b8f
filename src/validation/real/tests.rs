//! The measured cases that are built in.

use super::*;

#[test]
fn the_builtin_cases_are_read() {
    let all = RealCases::builtin();
    assert_eq!((all.cases.len(), all.faults.len()), (74, 0));
}
