//! What `tracenet screen` understands.

use clap::Args as ClapArgs;
use std::path::PathBuf;

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Exit codes: 0 nothing was found, 1 something was, or the file cannot be read.\n\
    JSON is a list of {rule, line, start, end, masked}: lines count from 1; start and end are bytes\n\
    of the file, the first of the finding and the one after its last. What was not looked through\n\
    (too large, too deep) is listed by the rule \"not-read\"."
)]
pub(crate) struct Screen {
    /// The file, of any size; - for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}
