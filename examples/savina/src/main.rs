//! Runs the benchmarks of the Savina suite: see the library beside it.

use actor_core::prelude::*;
use clap::Parser;
use savina::{ALL, Entry, Scale};
use std::process::ExitCode;

/// Runs the actor benchmarks of the Savina suite, and checks their results.
#[derive(Debug, Parser)]
#[command(name = "savina")]
struct Arguments {
    /// Which ones; all of them if none is named.
    names: Vec<String>,

    /// How much there is to do.
    #[arg(long, value_enum, default_value = "small")]
    scale: Scale,

    /// No caller runs a handler itself.
    #[arg(long)]
    no_direct: bool,

    /// Says what there is, and runs nothing.
    #[arg(long)]
    list: bool,
}

fn chosen(names: &[String]) -> Result<Vec<&Entry>, String> {
    if names.is_empty() {
        return Ok(ALL.iter().collect());
    }
    let find = |name: &String| {
        let entry = ALL.iter().find(|entry| entry.name == name);
        entry.ok_or_else(|| format!("no benchmark is called `{name}`; `--list` shows them"))
    };
    names.iter().map(find).collect()
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { names, scale, no_direct, list } = Arguments::parse();
    let chosen = match chosen(&names) {
        Ok(chosen) => chosen,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    let mut code = ExitCode::SUCCESS;
    for entry in chosen {
        let Entry { name, title, .. } = entry;
        if list {
            println!("{name:<12} {title}");
            continue;
        }
        match entry.run(scale, Spawn::new().direct(!no_direct)).await {
            Ok(report) => {
                println!("{name:<12} {} | {} | {:.1?}", report.parameters, report.result, report.took)
            }
            Err(problem) => {
                eprintln!("{name:<12} {problem}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
