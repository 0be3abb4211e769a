//! Runs the built program, and tells it to stop in the middle.
//!
//! A job that is a named pipe takes as long as the test likes: the worker reads it until somebody has written it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread;

use nix::sys::signal::{self, Signal};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, mkfifo};
use tempfile::TempDir;

struct Place {
    folder: TempDir,
}

impl Place {
    /// Jobs with a word each, but for a first one, `0`, that waits.
    fn new<const N: usize>(jobs: [&str; N]) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(place.at("jobs")).unwrap();
        mkfifo(&place.at("jobs/0.job"), Mode::S_IRWXU).unwrap();
        for name in jobs {
            place.job(name, name);
        }
        place
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn job(&self, name: &str, text: &str) {
        fs::write(self.at(&format!("jobs/{name}.job")), text).unwrap();
    }

    /// Ends the wait of `0`.
    fn release(&self) {
        fs::write(self.at("jobs/0.job"), "at last").unwrap();
    }

    fn command(&self, options: &[&str]) -> Command {
        program(&self.at("jobs"), &self.at("results"), options)
    }

    fn start(&self, options: &[&str]) -> Running {
        let child = self.command(options).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Running { child, out }
    }

    /// The rest is done by a run that nothing disturbs; then each job has been done once.
    fn finish<const N: usize>(&self, ends: [&str; N]) {
        thread::scope(|scope| {
            // Whether anybody still reads it or not.
            if !self.at("results/0.result").exists() {
                scope.spawn(|| self.release());
            }
            let output = self.command(&[]).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{output:?}");
        });
        assert_eq!(self.journal(), ends);
    }

    /// Sorted lines.
    fn journal(&self) -> Vec<String> {
        let journal = fs::read_to_string(self.at("results/journal")).unwrap();
        let mut lines: Vec<_> = journal.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}

fn program(jobs: &Path, results: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_supervised"));
    command.arg(jobs).arg(results).args(options).stdin(Stdio::null());
    command
}

struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Running {
    /// Reads until a line begins so.
    fn until(&mut self, start: &str) -> String {
        let mut line = String::new();
        while !line.starts_with(start) {
            line.clear();
            assert_ne!(self.out.read_line(&mut line).unwrap(), 0, "it ended without `{start}`");
        }
        line
    }

    fn send(&self, signal: Signal) {
        let id = self.child.id().try_into().unwrap();
        signal::kill(Pid::from_raw(id), signal).unwrap();
    }

    /// The last line, and how it ended.
    fn end(mut self) -> (String, Option<i32>) {
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        let code = self.child.wait().unwrap().code();
        (rest.lines().next_back().unwrap_or_default().to_owned(), code)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Of a test that failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn stdout(output: &Output) -> &str {
    str::from_utf8(&output.stdout).unwrap()
}

#[test]
fn the_jobs_of_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let jobs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/jobs");
    let run = || program(&jobs, folder.path(), &[]).output().unwrap();
    let first = run();
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    assert_eq!(stdout(&first).lines().last(), Some("16 jobs: 14 done, 2 failed, 0 left"));
    let result = fs::read_to_string(folder.path().join("1-3-wednesday.result")).unwrap();
    assert_eq!(result, "9 lines, 78 words of 3.8 letters, `the` 14 times\n");
    for name in ["1-8-torn-page", "2-8-soundings"] {
        let reason = fs::read_to_string(folder.path().join(format!("{name}.failed"))).unwrap();
        assert!(reason.starts_with("tried 3 times, the last time it panicked in `run` at "), "{reason}");
        assert!(
            reason.contains("count.rs:") && reason.ends_with(": attempt to divide by zero\n"),
            "{reason}"
        );
    }
    let journal = fs::read_to_string(folder.path().join("journal")).unwrap();
    assert_eq!(journal.lines().count(), 16);

    let second = run();
    assert_eq!(stdout(&second), "16 jobs: 14 done, 2 failed, 0 left (14 done and 2 failed before)\n");
    assert_eq!(fs::read_to_string(folder.path().join("journal")).unwrap(), journal);
}

/// One worker, which is at `0` and has two more in its queue.
fn drains(signal: Signal) {
    let place = Place::new(["1", "2", "3", "4"]);
    let mut running = place.start(&["--workers", "1", "--queue", "2"]);
    running.until("worker-1 begins 0");
    running.send(signal);
    let said = running.until("SIG");
    assert_eq!(said, format!("{signal}: 3 accepted jobs are finished, 2 are left\n"));
    place.release();
    assert_eq!(running.end(), ("5 jobs: 3 done, 0 failed, 2 left".to_owned(), Some(3)));
    assert_eq!(place.journal(), ["done 0", "done 1", "done 2"]);
    place.finish(["done 0", "done 1", "done 2", "done 3", "done 4"]);
}

#[test]
fn terminated_it_finishes_what_it_has_accepted_and_leaves_the_rest() {
    drains(Signal::SIGTERM);
}

#[test]
fn so_it_does_when_interrupted() {
    drains(Signal::SIGINT);
}

#[test]
fn a_job_that_crashes_meanwhile_is_tried_and_set_aside_as_ever() {
    let place = Place::new(["2", "3"]);
    place.job("1", "--");
    let mut running = place.start(&["--workers", "1", "--queue", "2"]);
    running.until("worker-1 begins 0");
    running.send(Signal::SIGTERM);
    running.until("SIGTERM");
    place.release();
    assert_eq!(running.end(), ("4 jobs: 2 done, 1 failed, 1 left".to_owned(), Some(3)));
    assert_eq!(place.journal(), ["done 0", "done 2", "failed 1"]);
    place.finish(["done 0", "done 2", "done 3", "failed 1"]);
}

#[test]
fn a_job_that_outlasts_the_grace_time_is_cut_off_and_left() {
    let place = Place::new(["1", "2", "3"]);
    let mut running = place.start(&["--workers", "1", "--queue", "2", "--grace", "10"]);
    running.until("worker-1 begins 0");
    running.send(Signal::SIGTERM);
    running.until("the time is up: 3 jobs are cut off");
    assert_eq!(running.end(), ("4 jobs: 0 done, 0 failed, 4 left; 3 cut off".to_owned(), Some(4)));
    assert!(place.journal().is_empty());
    place.finish(["done 0", "done 1", "done 2", "done 3"]);
}

#[test]
fn a_second_signal_cuts_off_at_once() {
    let place = Place::new(["1"]);
    let mut running = place.start(&["--workers", "1", "--grace", "3600000"]);
    running.until("worker-1 begins 0");
    running.send(Signal::SIGINT);
    running.until("SIGINT: ");
    running.send(Signal::SIGINT);
    running.until("SIGINT again: 2 jobs are cut off");
    assert_eq!(running.end(), ("2 jobs: 0 done, 0 failed, 2 left; 2 cut off".to_owned(), Some(4)));
    place.finish(["done 0", "done 1"]);
}

/// Nobody can hold off this signal, and there is nothing to tidy up.
#[test]
fn after_sigkill_the_next_run_does_the_rest() {
    let place = Place::new(["1", "2", "3", "4", "5", "6"]);
    let mut running = place.start(&["--workers", "2"]);
    running.until("worker-1 begins 0");
    running.until("1: ");
    running.send(Signal::SIGKILL);
    assert_eq!(running.end().1, None);
    place.finish(["done 0", "done 1", "done 2", "done 3", "done 4", "done 5", "done 6"]);
}

#[test]
fn two_runs_do_not_share_a_folder() {
    let place = Place::new(["1"]);
    let mut running = place.start(&["--workers", "1"]);
    running.until("worker-1 begins 0");
    let second = place.command(&[]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(str::from_utf8(&second.stderr).unwrap().contains("is in use by another run"), "{second:?}");
    place.release();
    assert_eq!(running.end(), ("2 jobs: 2 done, 0 failed, 0 left".to_owned(), Some(0)));
}

#[test]
fn it_gives_up_when_the_workers_crash_too_often() {
    let place = Place::new([]);
    fs::remove_file(place.at("jobs/0.job")).unwrap();
    for name in ["1", "2", "3"] {
        place.job(name, "--");
    }
    let output = place.command(&["--crashes", "4"]).output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    let last = stdout(&output).lines().last().unwrap();
    assert!(last.contains("gave up: failed: more than 4 restarts within 60s"), "{last}");
    // One may have been set aside before.
    let done = place.journal().len();
    assert!(last.starts_with(&format!("3 jobs: 0 done, {done} failed, {} left", 3 - done)), "{last}");
}

#[test]
fn usage() {
    let program = || Command::new(env!("CARGO_BIN_EXE_supervised"));
    assert_eq!(program().output().unwrap().status.code(), Some(2));
    let help = program().arg("--help").output().unwrap();
    assert_eq!(help.status.code(), Some(0));
    assert!(stdout(&help).contains("Exit codes:"));
    let nowhere = program().args(["no-such-folder", "results"]).output().unwrap();
    assert_eq!(nowhere.status.code(), Some(1));
}
