//! `lbsim check`.

use super::failure::Failure;

#[derive(Debug, clap::Args)]
pub struct Arguments {}

pub fn check(_: &Arguments) -> Result<(), Failure> {
    Ok(())
}
