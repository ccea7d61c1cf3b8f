//! `lbsim validate`.

use super::failure::Failure;

#[derive(Debug, clap::Args)]
pub struct Arguments {}

pub fn validate(_: &Arguments) -> Result<(), Failure> {
    Ok(())
}
