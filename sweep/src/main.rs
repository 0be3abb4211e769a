//! `sweep [COUNT [SEED [NAME..]]]` compiles so many mutants of all programs, or of those whose name contains one of these: those of
//! `ui-tests` and `docs/` compile fastest. `sweep --only NAME` compiles all mutants whose name contains it. What was said of each is in
//! `sweep/all.txt` of the target directory as soon as it is known, and the report so far in `sweep/report.txt` after each hundred: a run may be
//! cut off.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::{env, fs, io, thread};
use sweep::compiler::Compiler;
use sweep::run::Mutants;
use sweep::{program, report};

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is well.
fn run() -> io::Result<bool> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let number = |at: usize, default: u64| match arguments.get(at) {
        Some(text) => text.parse().map_err(io::Error::other),
        None => Ok(default),
    };
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut programs = program::all(&repository)?;
    if let Some(names @ [_, ..]) = arguments.get(2..) {
        programs.retain(|program| names.iter().any(|name| program.name.contains(name)));
    }
    let mutants = Mutants::of(&programs);
    println!("{} programs, {} mutants", programs.len(), mutants.count());
    let only = arguments.first().is_some_and(|first| first == "--only");
    let mutants = if only {
        mutants.only(arguments.get(1).map_or("", String::as_str))
    } else {
        let (count, seed) = (number(0, 3000)?, number(1, 1)?);
        println!("seed {seed}");
        mutants.sample(usize::try_from(count).unwrap_or(usize::MAX), seed)
    };
    let compiler = Compiler::new(&repository, &program::packages(), true)?;
    let scratch = scratch(&repository)?;
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let all = Mutex::new(fs::File::create(scratch.join("all.txt"))?);
    let outcomes = mutants.run(&compiler, &scratch, threads, |so_far| {
        let Some(outcome) = so_far.last() else { return };
        let number = so_far.len();
        // Whoever cannot write still hears how it ends.
        if let Ok(mut all) = all.lock() {
            let _ = all.write_all(report::one(outcome).as_bytes());
        }
        if number.is_multiple_of(100) {
            let _ = fs::write(scratch.join("report.txt"), report::whole(so_far));
        }
        if !outcome.verdict.violations.is_empty() {
            eprint!("{number}: {}", report::one(outcome));
        } else if number.is_multiple_of(100) {
            eprintln!("{number}");
        }
    })?;
    if only {
        outcomes.iter().for_each(|outcome| print!("{}", report::one(outcome)));
    }
    println!("{}", report::whole(&outcomes));
    Ok(report::violations(&outcomes).is_empty())
}

/// A folder of its own, empty.
fn scratch(repository: &Path) -> io::Result<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository.join("target"), PathBuf::from);
    let scratch = target.join("sweep");
    if scratch.exists() {
        fs::remove_dir_all(&scratch)?;
    }
    fs::create_dir_all(&scratch)?;
    Ok(scratch)
}
