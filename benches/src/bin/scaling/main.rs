//! How costs grow with the number of what there is: actors, messages, senders, levels of a tree, parked messages, watches.
//!
//! ```text
//! cargo run --release -p benches --bin scaling              prints, and fails where something grows faster than n log n
//! cargo run --release -p benches --bin scaling -- --write   draws docs/performance/*.svg and writes docs/performance.md as well
//! cargo run --release -p benches --bin scaling -- --quick   with a hundredth of each number
//! ```
//!
//! All of it on one thread and by its processor time, which other programs cannot take; but for one curve of two threads, which is by the clock.

#![allow(unreachable_pub, reason = "actors are written as their users write them")]

mod actors;
mod curve;
mod messages;
mod structure;
mod timing;

use std::process::ExitCode;

use bench_kit::pages;
use bench_kit::plot::{self, Labels, Line};
use bench_kit::table::Table;
use clap::Parser;

use crate::curve::{Curve, Experiment, Picture};

/// Measures how costs grow.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit code: 0 nothing grows faster than n log n; 1 something does, and is named; 2 wrong usage."
)]
struct Options {
    /// A hundredth of each number: to see that it runs
    #[arg(long)]
    quick: bool,

    /// Only experiments in whose name this occurs
    #[arg(long)]
    only: Option<String>,

    /// Write pictures and table into `docs` too
    #[arg(long)]
    write: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let all = [actors::EXPERIMENTS, messages::EXPERIMENTS, structure::EXPERIMENTS].concat();
    let chosen =
        |experiment: &Experiment| options.only.as_deref().is_none_or(|only| experiment.name.contains(only));
    let curves: Vec<Curve> =
        all.into_iter().filter(chosen).flat_map(|experiment| experiment.curves(options.quick)).collect();
    for Curve { name, points, .. } in &curves {
        eprintln!("{name}: {points:.0?}");
    }
    let table = table(&curves);
    print!("{table}");
    let mut problems: Vec<_> = curves.iter().filter_map(Curve::defect).collect();
    if options.write {
        problems.extend(Picture::ALL.into_iter().filter_map(|picture| draw(picture, &curves).err()));
        problems.extend(pages::write("scaling", &table.to_string()).err().map(|error| error.to_string()));
    }
    for problem in &problems {
        println!("DEFECT: {problem}");
    }
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn table(curves: &[Curve]) -> Table {
    let mut table = Table::new(["what", "n", "ns each, n small", "n large", "grows with n^", "at most"]);
    for curve in curves {
        let at = |point: Option<&(f64, f64)>| point.map_or(String::new(), |(n, y)| format!("{y:.0} ({n})"));
        table.push([
            curve.name.to_owned(),
            curve.n.to_owned(),
            at(curve.points.first()),
            at(curve.points.last()),
            curve.exponent().map_or(String::new(), |exponent| format!("{exponent:.2}")),
            format!("{:.2}", curve.limit()),
        ]);
    }
    table
}

fn draw(picture: Picture, curves: &[Curve]) -> Result<(), String> {
    let of = curves.iter().filter(|curve| curve.picture == picture);
    let line = |curve: &Curve| Line { name: curve.name.to_owned(), points: curve.points.clone() };
    let lines: Vec<_> = of.map(line).collect();
    if lines.is_empty() {
        return Ok(());
    }
    let labels = Labels { title: picture.title(), x: picture.x(), y: picture.y() };
    let path = pages::pictures().join(picture.file());
    plot::lines(&path, labels, &lines).map_err(|error| format!("{}: {error}", path.display()))
}
