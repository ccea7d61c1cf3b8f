//! The program `lbsim`: parse the command line, run, print, exit.

fn main() {}
