//! What is known of a point of a design before anything is simulated.

use super::{PlannedPoint, exact, fingerprint};
use crate::model::Model;
use crate::observe::Shape;

impl PlannedPoint {
    /// The point with these levels, simulated by `model`.
    #[must_use]
    pub fn of(levels: Vec<usize>, model: &Model) -> Self {
        Self {
            levels,
            fingerprint: fingerprint(model),
            shape: Shape::of(model),
            offered_load: model.offered_load(),
            expected_requests: model.requests_per_sec() * model.parts().run.ends_at().as_secs(),
            theory: exact(model),
        }
    }
}
