//! `lbsim list`.

use super::failure::Failure;

#[derive(Debug, clap::Args)]
pub struct Arguments {}

pub fn list(_: &Arguments) -> Result<(), Failure> {
    Ok(())
}
