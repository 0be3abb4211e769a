//! Building one program in one way.

use clap::ValueEnum;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::contestants::Contestant;
use crate::workspace::Workspace;
use crate::wrapper;

/// How the program is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// All of it, without code
    Check,
    /// All of it, unoptimised
    Debug,
    /// All of it, optimised
    Release,
    /// After a change in the body of one method, without code, with incremental data
    CheckTouched,
    /// The same with unoptimised code
    DebugTouched,
    /// The same with optimised code
    ReleaseTouched,
}

impl Kind {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Kind::Check => "check",
            Kind::Debug => "debug build",
            Kind::Release => "release build",
            Kind::CheckTouched => "check, one body touched",
            Kind::DebugTouched => "debug build, one body touched",
            Kind::ReleaseTouched => "release build, one body touched",
        }
    }

    /// What the program is called whose size counts.
    pub(crate) fn program(self) -> Option<&'static str> {
        match self {
            Kind::Debug => Some("program, debug"),
            Kind::Release => Some("program, release and stripped"),
            Kind::Check | Kind::CheckTouched | Kind::DebugTouched | Kind::ReleaseTouched => None,
        }
    }

    fn is_incremental(self) -> bool {
        matches!(self, Kind::CheckTouched | Kind::DebugTouched | Kind::ReleaseTouched)
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Kind::Check | Kind::CheckTouched => &["check"],
            Kind::Debug | Kind::DebugTouched => &["build"],
            Kind::Release | Kind::ReleaseTouched => &["build", "--release"],
        }
    }

    /// Where the program lies, if there is one.
    fn folder(self) -> Option<&'static str> {
        match self {
            Kind::Check | Kind::CheckTouched | Kind::DebugTouched | Kind::ReleaseTouched => None,
            Kind::Debug => Some("debug"),
            Kind::Release => Some("release"),
        }
    }
}

/// The processor time of one build.
pub(crate) struct Sample {
    pub(crate) contestant: &'static str,
    pub(crate) kind: Kind,
    pub(crate) time: Duration,
}

/// Builds the dependencies, and where only a change is measured the program as well.
pub(crate) fn prepare(workspace: &Workspace, entry: &Contestant, kind: Kind) -> io::Result<()> {
    eprintln!("{}: {}", entry.name, kind.title());
    if kind.is_incremental() {
        return run(workspace, entry, kind).map(drop);
    }
    // The dependencies of one actor are those of all.
    workspace.write_actors(entry, 1)?;
    run(workspace, entry, kind)?;
    workspace.write_actors(entry, workspace.actors)
}

pub(crate) fn measure(
    workspace: &Workspace,
    entry: &Contestant,
    kind: Kind,
    round: u16,
) -> io::Result<Sample> {
    if kind.is_incremental() {
        workspace.touch_a_body(entry, round)?;
    }
    File::options().append(true).open(workspace.main(entry))?.set_modified(SystemTime::now())?;
    let time = run(workspace, entry, kind)?;
    Ok(Sample { contestant: entry.name, kind, time })
}

/// The size of the program, in bytes.
pub(crate) fn size(workspace: &Workspace, entry: &Contestant, kind: Kind) -> Option<io::Result<u64>> {
    let path = target(workspace, kind).join(kind.folder()?).join(entry.package());
    Some(fs::metadata(path).map(|data| data.len()))
}

/// With incremental data and without in folders of their own, so that neither rebuilds the other's dependencies.
fn target(workspace: &Workspace, kind: Kind) -> PathBuf {
    workspace.folder.join(if kind.is_incremental() { "target-incremental" } else { "target" })
}

fn run(workspace: &Workspace, entry: &Contestant, kind: Kind) -> io::Result<Duration> {
    let file = workspace.folder.join("took");
    let status = Command::new("cargo")
        .args(kind.arguments())
        .args(["--quiet", "--package", &entry.package()])
        .current_dir(&workspace.folder)
        .env("CARGO_INCREMENTAL", if kind.is_incremental() { "1" } else { "0" })
        .env("CARGO_TARGET_DIR", target(workspace, kind))
        .env("RUSTC_WORKSPACE_WRAPPER", std::env::current_exe()?)
        .env(wrapper::FILE, &file)
        .env_remove("RUSTFLAGS")
        .status()?;
    if !status.success() {
        return Err(io::Error::other(format!("the program of {} does not compile", entry.name)));
    }
    let took = fs::read_to_string(file)?;
    let microseconds = took.parse().map_err(|_| io::Error::other("the compiler's time is no number"))?;
    Ok(Duration::from_micros(microseconds))
}
