//! Erlang's plain processes, in a script that prints how many nanoseconds a program took.

use std::process::Command;
use std::sync::Once;
use std::time::Duration;

use crate::program::{Program, Threads};

/// None where there is no Erlang.
pub(crate) fn run(program: Program, threads: Threads) -> Option<Duration> {
    static MISSING: Once = Once::new();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/erlang/savina.escript");
    let mut command = Command::new("escript");
    command.arg(script).arg(program.short()).env("ERL_FLAGS", format!("+S {}", threads.count()));
    let Ok(output) = command.output() else {
        MISSING.call_once(|| eprintln!("no `escript`: Erlang does not take part"));
        return None;
    };
    let nanos = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
    if nanos.is_none() {
        eprintln!("Erlang failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    nanos.map(Duration::from_nanos)
}
