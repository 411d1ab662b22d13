//! The daymark binary: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    daymark::cli::main()
}
