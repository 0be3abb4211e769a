//! Side by side with peers: what actors cost the compiler, and how large a program of them is.
//!
//! A workspace is written under the target directory: for each contestant a program of the same actors with the same methods, in its own
//! way, that spawns each actor and calls each method once. Its dependencies are built first; then the contestants take turns, and the
//! processor time of `rustc` and its linker on that one program counts, so that neither cargo nor a busy machine is measured. The program
//! is built whole, and again after a change in the body of one method, with what the compiler keeps for that.
//!
//! ```text
//! cargo run --release -p benches --bin compile_time -- --write
//! cargo run --release -p benches --bin compile_time -- --contestants ours,by-hand --actors 20 --rounds 3
//! ```

mod build;
mod contestants;
mod methods;
mod report;
mod workspace;
mod wrapper;

use bench_kit::pages;
use clap::Parser;
use clap::builder::PossibleValuesParser;
use std::io;
use std::path::PathBuf;

use build::{Kind, Sample};
use contestants::{ALL, Contestant};
use methods::METHODS;
use workspace::Workspace;

/// Measures what actors cost the compiler: this library's, its peers', and those written by hand.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Only these; all unless given
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(ALL.map(|entry| entry.name)))]
    contestants: Vec<String>,

    /// Only these; all unless given
    #[arg(long, value_delimiter = ',', value_enum)]
    kinds: Vec<Kind>,

    /// Actors in the program of each contestant, with 10 methods each
    #[arg(long, default_value_t = 100)]
    actors: usize,

    /// Rounds, of which the median counts
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,

    /// Writes the table into `docs/performance.md`
    #[arg(long)]
    write: bool,

    /// Where the programs are written and built
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/compile-time"))]
    folder: PathBuf,
}

fn main() -> io::Result<()> {
    if let Some(code) = wrapper::run_if_asked() {
        std::process::exit(code);
    }
    let options = Options::parse();
    let chosen = |entry: &Contestant| {
        options.contestants.is_empty() || options.contestants.iter().any(|name| name == entry.name)
    };
    let entries: Vec<Contestant> = ALL.into_iter().filter(chosen).collect();
    let chosen = |kind: &Kind| options.kinds.is_empty() || options.kinds.contains(kind);
    let kinds: Vec<Kind> =
        <Kind as clap::ValueEnum>::value_variants().iter().copied().filter(chosen).collect();

    let workspace = Workspace::write(&options.folder, &entries, options.actors)?;
    for entry in &entries {
        for &kind in &kinds {
            build::prepare(&workspace, entry, kind)?;
        }
    }
    let mut samples: Vec<Sample> = Vec::new();
    for round in 0..options.rounds {
        for &kind in &kinds {
            for entry in &entries {
                samples.push(build::measure(&workspace, entry, kind, round)?);
            }
        }
    }
    let table = report::table(&workspace, &entries, &kinds, &samples)?;
    let rounds = options.rounds;
    let how = match rounds {
        1 => "one run".to_owned(),
        _ => format!("medians of {rounds} rounds"),
    };
    let text = format!("{} actors with {} messages each, {how}.\n\n{table}", options.actors, METHODS.len());
    println!("{text}");
    if options.write { pages::write("compile_time", &text) } else { Ok(()) }
}
