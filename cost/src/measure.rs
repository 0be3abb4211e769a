//! Instructions, as valgrind counts them: the same on a busy machine as on an idle one.

use std::io::{self, ErrorKind};
use std::num::ParseIntError;
use std::process::{Command, Stdio};
use std::{env, fmt};

use crate::operation::Operation;

/// The processor's own variants of `memcpy` and the like differ from machine to machine: the plainest is everywhere.
const PLAIN: &str = "glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-ERMS,-FSRM";
/// What is freed in a life is tidied up at once, and not now and then, which depends on where the heap begins.
const TIDY: &str = "glibc.malloc.mxfast=0";

#[derive(Debug)]
pub(crate) enum Failed {
    /// There is no valgrind here.
    Absent,
    Run(io::Error),
    /// What it said in place of a figure.
    Output(String),
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failed::Absent => f.write_str("there is no valgrind here"),
            Failed::Run(error) => write!(f, "valgrind cannot be run: {error}"),
            Failed::Output(output) => write!(f, "valgrind gave no figure, but:\n{output}"),
        }
    }
}

/// Of one operation. What begins and ends a program is in both runs, and goes out.
pub(crate) fn instructions(name: &str, operation: Operation) -> Result<u64, Failed> {
    let count = operation.count();
    let tunables = match operation {
        Operation::Life(_) => format!("{PLAIN}:{TIDY}"),
        _ => PLAIN.to_owned(),
    };
    let (few, many) = (total(name, count, &tunables)?, total(name, 3 * count, &tunables)?);
    Ok(many.saturating_sub(few) / (2 * count))
}

/// Of a program that does `count` of them.
fn total(name: &str, count: u64, tunables: &str) -> Result<u64, Failed> {
    let program = env::current_exe().map_err(Failed::Run)?;
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(program)
        .args([name, &count.to_string()])
        .env("GLIBC_TUNABLES", tunables)
        .stdin(Stdio::null())
        .output();
    let output = match output {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(Failed::Absent),
        output => output.map_err(Failed::Run)?,
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match figure(&said) {
        Some(Ok(figure)) if output.status.success() => Ok(figure),
        _ => Err(Failed::Output(said)),
    }
}

/// From a line such as `==42== I refs:  1,234,567`.
fn figure(said: &str) -> Option<Result<u64, ParseIntError>> {
    let (_, figure) =
        said.lines().find_map(|line| line.split_once("I refs:").or(line.split_once("I   refs:")))?;
    Some(figure.trim().replace(',', "").parse())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_found() {
        let said = "==1== Command: cost tell 1\n==1== \n==1== I refs:        1,234,567\n";
        assert_eq!(figure(said), Some(Ok(1_234_567)));
        assert_eq!(figure("==1== Command: cost\n"), None);
    }
}
