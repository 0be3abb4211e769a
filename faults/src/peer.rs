//! A process of this program in another role, as the one that started it has it.

use crate::Fallible;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Peer {
    name: String,
    child: Child,
    input: ChildStdin,
    lines: Receiver<(Instant, String)>,
}

/// What a process takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Of memory, in KiB.
    pub kib: u64,
    /// The time of processors.
    pub processor: Duration,
}

impl Peer {
    pub(crate) fn start(name: &str, mut command: Command) -> Fallible<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("a process without pipes".into());
        };
        let (sender, lines) = channel();
        // Ends with the process.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send((Instant::now(), line)).is_err() {
                    return;
                }
            }
        });
        Ok(Peer { name: name.to_owned(), child, input, lines })
    }

    pub(crate) fn say(&mut self, line: &str) -> Fallible {
        Ok(writeln!(self.input, "{line}")?)
    }

    /// The next line before `until`, and when it came; `None` if there is none.
    ///
    /// # Errors
    /// If the process has ended.
    pub(crate) fn next(&self, until: Instant) -> Fallible<Option<(Instant, String)>> {
        match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(format!("the {} has ended", self.name).into()),
        }
    }

    /// What follows `word` in the next line that begins with it.
    ///
    /// # Errors
    /// If there is none in that time, or the process has ended.
    pub(crate) fn wait_for(&self, word: &str, within: Duration) -> Fallible<String> {
        let until = Instant::now() + within;
        while let Some((_, line)) = self.next(until)? {
            if let Some(rest) = line.strip_prefix(word) {
                return Ok(rest.trim().to_owned());
            }
        }
        Err(format!("the {} did not say `{word}` within {within:?}", self.name).into())
    }

    /// Says a line, and waits until it is obeyed.
    pub(crate) fn order(&mut self, line: &str) -> Fallible {
        self.say(line)?;
        match self.next(Instant::now() + Duration::from_secs(5))? {
            Some((_, answer)) if answer == "ok" => Ok(()),
            answer => Err(format!("the {} to `{line}`: {answer:?}", self.name).into()),
        }
    }

    pub(crate) fn kill(&mut self) -> Fallible {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// What it has taken until now.
    pub(crate) fn cost(&self) -> Fallible<Cost> {
        let proc = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id()));
        let status = proc("status")?;
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kib = memory.trim().trim_end_matches(" kB").parse()?;
        let stat = proc("stat")?;
        let after_its_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        // Fields 14 and 15: ticks, of which there are 100 a second.
        let ticks = after_its_name.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
        let ticks = ticks.sum::<Result<u64, _>>()?;
        Ok(Cost { kib, processor: Duration::from_millis(ticks * 10) })
    }

    /// Lets it stand still, and waits until it does: a signal is on its way when it has been sent.
    pub(crate) fn freeze(&self) -> Fallible {
        kill_process(Pid::from_child(&self.child), Signal::STOP)?;
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
            // After its name, in brackets, comes its state.
            if stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('T')) {
                return Ok(());
            }
            std::thread::yield_now();
        }
        Err(format!("the {} does not stand still", self.name).into())
    }

    pub(crate) fn thaw(&self) -> Fallible {
        Ok(kill_process(Pid::from_child(&self.child), Signal::CONT)?)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // If it fails, it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
