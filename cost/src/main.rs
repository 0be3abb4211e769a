//! What operations cost in instructions. Fails where one costs more by a twentieth than in `figures.txt`, which stands in the repository.
//!
//! `cargo run --release -p cost` measures and compares; with `--accept` it writes down what it has measured, and a change that costs more says
//! so in its own lines. Only of one toolchain, one lock file and one kind of machine the figures are the same, so they are compared on
//! x86-64 Linux alone.

mod figures;
mod measure;
mod operation;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use figures::Figures;
use measure::Failed;
use operation::Operation;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *arguments {
        [] if cfg!(all(target_arch = "x86_64", target_os = "linux")) => compare(),
        [] => {
            println!("skipped: the figures are of x86-64 Linux");
            Ok(ExitCode::SUCCESS)
        }
        ["--accept"] => {
            let mut figures = Figures::default();
            for (name, operation) in Operation::ALL {
                figures
                    .note(name, measure::instructions(name, operation).map_err(|failed| failed.to_string())?);
            }
            figures.write()?;
            Ok(ExitCode::SUCCESS)
        }
        [name, count] => {
            let operation =
                Operation::named(name).ok_or_else(|| format!("no operation is called `{name}`"))?;
            operation.run(count.parse()?);
            Ok(ExitCode::SUCCESS)
        }
        _ => Err("usage: cost [--accept | OPERATION COUNT]".into()),
    }
}

fn compare() -> Result<ExitCode, Box<dyn Error>> {
    let figures = Figures::read()?;
    let mut worse = false;
    for (name, operation) in Operation::ALL {
        let now = match measure::instructions(name, operation) {
            Ok(now) => now,
            Err(failed @ Failed::Absent) => {
                println!("skipped: {failed}");
                return Ok(ExitCode::SUCCESS);
            }
            Err(failed) => return Err(failed.to_string().into()),
        };
        let Some(before) = figures.get(name) else {
            println!("{name:16} {now:6}, and `figures.txt` has none");
            worse = true;
            continue;
        };
        let verdict = figures::verdict(before, now);
        println!("{name:16} {before:6} -> {now:6}{verdict}");
        worse |= verdict.fails();
    }
    if worse {
        println!(
            "where that is the price of something, `cargo run --release -p cost -- --accept` writes it down"
        );
    }
    Ok(if worse { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
