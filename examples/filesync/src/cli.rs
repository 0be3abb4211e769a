//! The command line.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::net;
use crate::net::card::{Given, Invitation};

/// Keeps folders the same, on this machine or on several.
///
/// Whatever was added, edited or deleted in one folder since the last run is done in the others. What was edited in two
/// of them is kept in both versions. Each folder remembers what it has seen in `.filesync`.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "\
Exit codes: 0 all is the same; 1 a folder cannot be read or written; 2 wrong use; 3 folders refused;
4 some things could not be synced; 5 a folder is in use by another filesync; 6 the state is from a newer filesync;
7 the other one cannot be reached, or does not let this one in."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Keep a folder in step with those of others, on this machine or elsewhere, until Ctrl-C
    ///
    /// Prints a ticket: whoever has it can join, and then has all that is in the folder. Who has joined once is known, also after both
    /// were away.
    Serve(Serve),
    /// Join the group of somebody who serves a folder, and keep this one in step until Ctrl-C
    ///
    /// What is in both folders is kept. From then on each of the group speaks with each other; to come back, `serve` is enough.
    Join(Join),
    /// Show how a folder that is served is: its peers, what is on its way, and what was changed in two places
    ///
    /// On a terminal it is shown anew until Ctrl-C.
    Status(Status),
    /// Bring folders on this machine to the same contents
    Sync(Sync),
    /// Show it at work: three processes with made-up folders, edits in all of them at the same time, one process that is killed and
    /// one that is stopped, and what becomes of it
    Demo(Demo),
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The folder
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Join {
    /// What `filesync serve` has printed; `-`: it is read from standard input, so that nobody else on this machine sees it
    pub(crate) ticket: Given,
    /// The folder
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The folder
    pub(crate) folder: PathBuf,
    /// Show it once and end
    #[arg(long)]
    pub(crate) once: bool,
}

/// How others see a folder that is served.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// What the others call it [default: the folder's name and the machine's]
    #[arg(long)]
    name: Option<String>,
    /// An address of this machine at which it is reached; several times for several [default: all of them]
    #[arg(long, value_name = "ADDRESS")]
    bind: Vec<IpAddr>,
}

impl Place {
    pub(crate) fn of(self, folder: &Path, ticket: Option<Invitation>) -> net::Serve {
        net::Serve { folder: folder.to_owned(), name: self.name, bind: self.bind, ticket }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// The folders, at least two
    #[arg(required = true, num_args = 2.., value_name = "FOLDER")]
    pub(crate) folders: Vec<PathBuf>,
    /// How long a peer may take to answer before another one is asked
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 5000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) patience: u64,
    /// Makes all links between the folders slow, as if they were far apart
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    pub(crate) latency: u64,
    /// Goes on until Ctrl-C, and syncs whenever something changes in one of the folders
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// How many files to make in each folder
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(4..=100_000))]
    pub(crate) files: u32,
    /// Other files for another number, the same ones for the same number
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Leave the folders there and say where they are
    #[arg(long)]
    pub(crate) keep: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn one_folder_is_not_enough() {
        assert!(Cli::try_parse_from(["filesync", "sync", "a"]).is_err());
        assert!(Cli::try_parse_from(["filesync", "sync", "a", "b", "c"]).is_ok());
    }
}
