//! The command line: what is asked for, and what goes wrong with it.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use thiserror::Error;

use crate::market::{self, Failure};
use crate::problem::LineError;
use crate::records::Records;
use crate::report::Report;

/// Runs the auctions of a file and prints who bought what.
#[derive(Debug, Parser)]
#[command(version, after_long_help = FORMAT)]
struct Options {
    /// The auctions and bids, as CSV; `--help` describes the format
    file: PathBuf,

    /// Report a bad line and go on with the next, instead of stopping at the first
    #[arg(long)]
    keep_going: bool,

    /// Print as well what every client and seller heard
    #[arg(long)]
    heard: bool,
}

const FORMAT: &str = "\
The file begins with this header; fields at the end of a line may be left out:

  kind,at,item,who,price,top,closes,grace

  auction   at `at`, `who` puts `item` up for sale for `price` or more; it closes at `closes`, and says so to
            whoever comes in the `grace` seconds after it. Each item is sold once, and its auction stands above
            its bids.
  bid       at `at`, `who` offers `price` for `item`; when beaten, it offers what is asked, up to `top` (`price`
            unless given)
  inquire   at `at`, `who` asks how the auction of `item` stands

Times are whole seconds, prices whole units. What happens at the same time happens in the order of the file, but
for a closing, which comes first. Lines that begin with # are comments.

Exit codes:

  0   done; with --keep-going also if lines were skipped
  1   the file cannot be read, or an internal error
  2   wrong usage
  3   a bad line";

/// Whatever ends the program early.
#[derive(Debug, Error)]
enum Error {
    #[error("cannot read `{}`: {source}; give the path of a CSV file", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    #[error("{0}")]
    Line(#[from] LineError),
    #[error("internal error: {0}; please report it")]
    Failure(#[from] Failure),
    #[error("cannot print: {0}")]
    Print(#[from] io::Error),
}

impl Error {
    fn code(&self) -> u8 {
        match self {
            Self::Line(_) => 3,
            Self::Unreadable { .. } | Self::Failure(_) | Self::Print(_) => 1,
        }
    }
}

pub(crate) fn run() -> ExitCode {
    match try_run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            if matches!(error, Error::Line(_)) {
                eprintln!("note: `--keep-going` skips bad lines");
            }
            error.code().into()
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn try_run(options: &Options) -> Result<(), Error> {
    let text =
        fs::read(&options.file).map_err(|source| Error::Unreadable { file: options.file.clone(), source })?;
    let file = options.file.display().to_string();
    let mut records = Vec::new();
    let mut skipped = 0;
    for line in Records::new(&file, &text)? {
        match line {
            Ok(record) => records.push(record),
            Err(error) if options.keep_going => {
                eprintln!("skipped: {error}");
                skipped += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let results = market::run(records).await?;
    match write!(io::stdout().lock(), "{}", Report { results: &results, heard: options.heard }) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        printed => printed?,
    }
    if skipped > 0 {
        eprintln!("note: {skipped} bad {} skipped", if skipped == 1 { "line was" } else { "lines were" });
    }
    Ok(())
}
