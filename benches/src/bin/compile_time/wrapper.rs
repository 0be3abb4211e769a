//! This program in the place of `rustc`: it runs it and leaves what it took in a file.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::process::Command;

/// Where it leaves it.
pub(crate) const FILE: &str = "ACTORS_COMPILE_TIME_FILE";

/// Runs the compiler, if cargo has called this program for that.
pub(crate) fn run_if_asked() -> Option<i32> {
    let file = env::var_os(FILE)?;
    let mut arguments = env::args_os().skip(1);
    let status = Command::new(arguments.next()?).args(arguments.collect::<Vec<OsString>>()).status();
    let code = status.ok()?.code().unwrap_or(1);
    let Ok(usage) = getrusage(UsageWho::RUSAGE_CHILDREN) else { return Some(1) };
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    // Cargo also asks what the compiler is before it compiles, so the last word counts.
    match fs::write(file, microseconds.to_string()) {
        Ok(()) => Some(code),
        Err(_) => Some(1),
    }
}
