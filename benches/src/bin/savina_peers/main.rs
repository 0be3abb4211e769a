//! The benchmarks of the Savina suite that are short to write elsewhere: with this library (the programs of `examples/savina`), kameo, actix
//! and Erlang, each in its best form, with the same sizes and with checked results.
//!
//! ```text
//! cargo run --release -p benches --features savina --bin savina_peers              prints
//! cargo run --release -p benches --features savina --bin savina_peers -- --write   draws docs/performance/savina.svg and writes the page too
//! ```
//!
//! They take turns, round by round, and medians are compared. Erlang takes part if `escript` is there.

mod actix;
mod erlang;
mod kameo;
mod ours;
mod program;
mod random;

use std::process::ExitCode;
use std::time::Duration;

use bench_kit::pages;
use bench_kit::plot::{self, Bars, Labels};
use bench_kit::table::Table;
use clap::Parser;

use crate::program::{Program, Threads};

/// Measures benchmarks of the Savina suite beside others' actors.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Only these; all if none is named
    #[arg(value_enum)]
    programs: Vec<Program>,

    /// Rounds, of which the median counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,

    /// Only one thread, or only two; both unless given
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=2))]
    threads: Option<u8>,

    /// Write picture and table into `docs` too
    #[arg(long)]
    write: bool,
}

type Run = fn(Program, Threads) -> Option<Duration>;

const CONTESTANTS: [(&str, Run); 5] = [
    ("ours", ours::run::<true>),
    ("ours, mailbox only", ours::run::<false>),
    ("kameo", kameo::run),
    ("actix", actix::run),
    ("Erlang", erlang::run),
];

/// Of one program, a time for each contestant.
struct Row {
    program: Program,
    times: [Option<Duration>; CONTESTANTS.len()],
}

fn main() -> ExitCode {
    let options = Options::parse();
    let mut page = String::new();
    let mut problems = Vec::new();
    for threads in
        Threads::ALL.into_iter().filter(|threads| options.threads.is_none_or(|one| one == threads.count()))
    {
        let chosen = Program::ALL.into_iter();
        let chosen = chosen.filter(|one| options.programs.is_empty() || options.programs.contains(one));
        let rows: Vec<_> = chosen.map(|program| row(program, threads, options.rounds)).collect();
        page += &format!("\nms, {}\n\n{}", threads.title(), table(&rows));
        if options.write {
            problems.extend(draw(threads, &rows).err());
        }
    }
    print!("{page}");
    if options.write {
        problems.extend(pages::write("savina", &page).err().map(|error| error.to_string()));
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn row(program: Program, threads: Threads, rounds: u16) -> Row {
    eprintln!("{}, {}", program.title(), threads.title());
    let mut all: [Vec<Duration>; CONTESTANTS.len()] = Default::default();
    for _ in 0..rounds {
        for ((_, run), times) in CONTESTANTS.iter().zip(&mut all) {
            times.extend(run(program, threads));
        }
    }
    let times = all.map(|mut times| {
        times.sort_unstable();
        times.get(times.len() / 2).copied()
    });
    Row { program, times }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(std::iter::once("").chain(CONTESTANTS.map(|(name, _)| name)));
    for Row { program, times } in rows {
        let cells = times.map(|time| time.map_or("–".to_owned(), |time| format!("{:.1}", millis(time))));
        table.push(std::iter::once(program.title().to_owned()).chain(cells));
    }
    table
}

fn draw(threads: Threads, rows: &[Row]) -> Result<(), String> {
    let groups: Vec<_> = rows.iter().map(|row| row.program.short()).collect();
    let bars = |(index, (name, _)): (usize, &(&str, Run))| {
        let share = |row: &Row| Some(millis(row.times[index]?) / millis(row.times[0]?));
        Bars { name: (*name).to_owned(), values: rows.iter().map(share).collect() }
    };
    let bars: Vec<_> = CONTESTANTS.iter().enumerate().skip(1).map(bars).collect();
    let title = format!("Savina, {}: how many times as long as ours", threads.title());
    let labels = Labels { title: &title, x: "", y: "time / ours (above 1: slower than ours)" };
    let path = pages::pictures().join(threads.file());
    plot::bars(&path, labels, &groups, &bars).map_err(|error| format!("{}: {error}", path.display()))
}
