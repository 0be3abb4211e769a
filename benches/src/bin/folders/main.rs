//! filesync beside rsync and Syncthing: how long it takes until an empty folder is the same as a full one, and is on the disk.
//!
//! ```text
//! cargo build --release -p filesync
//! cargo run --release -p benches --features folders --bin folders              prints
//! cargo run --release -p benches --features folders --bin folders -- --write   writes the tables into docs/performance.md as well
//! ```
//!
//! Between two processes: `filesync serve` and `join`, rsync over an `sshd` of its own, two Syncthings without discovery and relays. On one machine:
//! `filesync sync` and rsync. They take turns, and the median of the rounds counts. After each run both folders are compared by a hash of names, modes,
//! times and contents. Who is not installed is left out (Debian: `rsync`, `openssh-server`, `syncthing`).

mod filesync;
mod process;
mod rsync;
mod syncthing;
mod tree;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

use bench_kit::pages;
use bench_kit::table::Table;
use clap::Parser;

use crate::tree::Tree;

type Problem = Box<dyn Error + Send + Sync>;

/// Measures how soon folders are the same.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Rounds, of which the median counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,

    /// Bytes of a large file, of which there are eight
    #[arg(long, default_value_t = 128 << 20)]
    large: u64,

    /// How many small files, of up to 4 KiB
    #[arg(long, default_value_t = 100_000)]
    small: u32,

    /// Only these: filesync, rsync, syncthing
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,

    /// Where folders are made; it should be on a disk
    #[arg(long)]
    at: Option<PathBuf>,

    /// The program `filesync`; the one that was built beside this one, unless given
    #[arg(long)]
    filesync: Option<PathBuf>,

    /// Write the tables into `docs/performance.md` too
    #[arg(long)]
    write: bool,
}

/// What is to become the same: a full folder and one that is empty, and a place for whatever else is needed.
struct Job<'a> {
    filesync: &'a Path,
    from: &'a Path,
    to: &'a Path,
    files: usize,
    scratch: &'a Path,
}

/// The times of one run, by name. `None`: it is not installed.
type Run = fn(&Job<'_>) -> Result<Option<Vec<(&'static str, Duration)>>, Problem>;

struct Contestant {
    name: &'static str,
    run: Run,
}

const BETWEEN: [Contestant; 3] = [
    Contestant { name: "filesync", run: filesync::between },
    Contestant { name: "rsync", run: rsync::between },
    Contestant { name: "syncthing", run: syncthing::between },
];

const HERE: [Contestant; 2] =
    [Contestant { name: "filesync", run: filesync::here }, Contestant { name: "rsync", run: rsync::here }];

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Problem> {
    let beside = || Some(env::current_exe().ok()?.with_file_name("filesync"));
    let filesync = options.filesync.clone().or_else(beside).ok_or("where is `filesync`?")?;
    if !filesync.is_file() {
        return Err(format!("there is no {}: `cargo build --release -p filesync`", filesync.display()).into());
    }
    let place = tempfile::tempdir_in(options.at.clone().unwrap_or_else(env::temp_dir))?;
    let mut turns = 0;
    let trees = [Tree::large(place.path(), 8, options.large)?, Tree::small(place.path(), options.small)?];
    let mut page = String::new();
    for (title, contestants) in [("between two processes", &BETWEEN[..]), ("in one process", &HERE[..])] {
        let mut rows = Vec::new();
        for (column, tree) in trees.iter().enumerate() {
            for round in 1..=options.rounds {
                for contestant in contestants.iter().filter(|one| is_chosen(options, one.name)) {
                    eprintln!("{title}, {}, round {round}: {}", tree.title, contestant.name);
                    turns += 1;
                    let at = place.path().join(turns.to_string());
                    let times = turn(contestant, tree, &filesync, &at)?;
                    for (name, time) in times.iter().flatten() {
                        eprintln!("    {name}: {time:.1?}");
                    }
                    note(&mut rows, column, contestant.name, times);
                }
            }
        }
        page += &format!("\ns, {title}\n\n{}", table(&trees, &rows));
    }
    print!("{page}");
    if options.write {
        pages::write("folders", &page)?;
    }
    Ok(())
}

fn is_chosen(options: &Options, name: &str) -> bool {
    options.only.is_empty() || options.only.iter().any(|only| only == name)
}

/// Times by name, for both trees.
type Row = (String, [Vec<Duration>; 2]);

fn note(rows: &mut Vec<Row>, column: usize, name: &str, times: Option<Vec<(&str, Duration)>>) {
    let mut row = |name: &str, time: Option<Duration>| {
        let at = rows.iter().position(|row| row.0 == name).unwrap_or_else(|| {
            rows.push((name.to_owned(), Default::default()));
            rows.len() - 1
        });
        rows[at].1[column].extend(time);
    };
    match times {
        Some(times) => times.into_iter().for_each(|(name, time)| row(name, Some(time))),
        None => row(&format!("{name}: not installed"), None),
    }
}

fn table(trees: &[Tree; 2], rows: &[Row]) -> Table {
    let mut table = Table::new(std::iter::once("").chain(trees.iter().map(|tree| tree.title.as_str())));
    for (name, times) in rows {
        let cells = times.clone().map(|mut times| {
            times.sort_unstable();
            times.get(times.len() / 2).map_or("-".to_owned(), |time| format!("{:.1}", time.as_secs_f64()))
        });
        table.push(std::iter::once(name.clone()).chain(cells));
    }
    table
}

/// One run, from an empty folder, with nothing left to write of what was before.
///
/// What it has made stays there until all have run: a file system that has just removed very many files may be slow to make others.
fn turn(
    contestant: &Contestant,
    tree: &Tree,
    filesync: &Path,
    place: &Path,
) -> Result<Option<Vec<(&'static str, Duration)>>, Problem> {
    let (to, scratch) = (place.join("to"), place.join("scratch"));
    for folder in [place, &to, &scratch] {
        fs::create_dir(folder)?;
    }
    process::flush()?;
    let job = Job { filesync, from: &tree.root, to: &to, files: tree.files, scratch: &scratch };
    let times = (contestant.run)(&job).map_err(|problem| format!("{}: {problem}", contestant.name))?;
    if times.is_some() {
        let is_same = tree::hash(&to)? == tree.hash && tree::hash(&tree.root)? == tree.hash;
        if !is_same {
            return Err(format!("{}: the folders are not the same", contestant.name).into());
        }
    }
    tree.tidy()?;
    // What only the files hold takes room, and a few are gone soon.
    if tree.files < 1_000 {
        fs::remove_dir_all(place)?;
    }
    Ok(times)
}
