use super::*;
use crate::engine::EventClass;
use crate::units::Time;

#[test]
fn smoke() {
    let mut calendar = Calendar::new();
    let mut model = std::collections::BTreeSet::new();
    let mut x = 1u64;
    let mut now = 0;
    for i in 0..200_000u32 {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let grow = (i / 20_000) % 2 == 0;
        if model.len() < 3 || (grow && x >> 62 != 0) || (!grow && x >> 62 == 0) {
            let e = Event::new(Time::from_nanos(now + (x >> 40) % 100_000), EventClass::Timer, i, 0);
            calendar.schedule(e);
            model.insert(e);
        } else {
            let e = calendar.pop();
            assert_eq!(e, model.pop_first());
            now = e.unwrap().time().as_nanos();
        }
        assert_eq!(calendar.len(), model.len());
    }
}
