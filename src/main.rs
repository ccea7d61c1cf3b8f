//! The program `lbsim`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lbsim::cli::main()
}
