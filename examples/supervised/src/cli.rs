//! The command line.

use std::fmt;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use clap::builder::RangedU64ValueParser;

use crate::count::count;
use crate::error::Error;
use crate::job;
use crate::results::Results;
use crate::server::{Server, Settings};
use crate::signals;
use crate::summary::Summary;

/// Counts the words of texts, as jobs that may crash.
#[derive(Debug, Parser)]
#[command(version, after_long_help = ABOUT)]
struct Options {
    /// The folder with the jobs, `*.job`
    jobs: PathBuf,

    /// The folder for the results; it is made if it is not there
    results: PathBuf,

    /// Jobs at the same time
    #[arg(long, default_value_t = 2, value_parser = RangedU64ValueParser::<usize>::new().range(1..=64))]
    workers: usize,

    /// Jobs that wait for each worker, accepted
    #[arg(long, default_value_t = 3, value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    queue: usize,

    /// How often a job may crash its worker before it is set aside
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    tries: u32,

    /// How often workers may crash in a minute before the program gives up
    #[arg(long, default_value_t = 20)]
    crashes: u32,

    /// How long accepted jobs may take when the program is told to stop
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 5000)]
    grace: u64,

    /// Makes each job so much longer, so that there is time to press Ctrl-C
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    slow: u64,
}

const ABOUT: &str = "\
NAME.job becomes NAME.result, or NAME.failed with the reason if it crashed its worker too often; what has become one of them is not done
again. Delete NAME.failed to have it tried again.

SIGINT (Ctrl-C) and SIGTERM stop the program: it takes no more jobs, finishes those that wait in the workers' queues, and kills the
workers if they need longer than the grace time. A second signal kills them at once. What is not finished is left to the next run.

Exit codes:

  0   no job is left: each is done, or failed and set aside
  1   a folder cannot be read or written
  2   wrong usage
  3   told to stop: all that was accepted is finished, the rest is left
  4   told to stop: some of what was accepted was cut off, and is left too
  5   gave up: the workers crashed too often; what was not done is left";

/// Says a line. Nobody need listen.
pub(crate) fn say(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stdout(), "{line}");
}

pub(crate) fn run() -> ExitCode {
    match try_run(Options::parse()) {
        Ok(summary) => {
            say(format_args!("{summary}"));
            summary.exit_code().into()
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn try_run(options: Options) -> Result<Summary, Error> {
    let jobs = job::list(&options.jobs)?;
    let results = Arc::new(Results::open(&options.results)?);
    let Options { workers, queue, tries, crashes, grace, slow, .. } = options;
    let [grace, slow] = [grace, slow].map(Duration::from_millis);
    let settings = Settings { workers, queue, tries, crashes, grace, slow };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Start)?;
    let result = runtime.block_on(async {
        // Before anything begins that a signal could cut short.
        let signals = signals::listen().map_err(Error::Start)?;
        Server::start(settings, &(Arc::new(count) as _), results).run(jobs, signals).await
    });
    // Not dropped: it would wait for a file that is being read, for ever if that is a pipe.
    runtime.shutdown_background();
    result
}
