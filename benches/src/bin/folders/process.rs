//! Other programs.

use std::io::{self, BufRead, BufReader, ErrorKind};
use std::net::TcpListener;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::Problem;

/// How long anything may take before it counts as failed.
pub(crate) const LONG: Duration = Duration::from_secs(900);

/// One that runs, and goes with this value.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    /// `None` where there is no such program.
    pub(crate) fn start(command: &mut Command) -> io::Result<Option<Self>> {
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
        let Some(mut child) = installed(command.spawn())? else { return Ok(None) };
        let out = child.stdout.take().ok_or_else(|| io::Error::other("it has no output"))?;
        let (sender, lines) = mpsc::channel();
        // All of it, so that it never waits for a reader.
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // Nobody may listen any more.
                let _ = sender.send(line);
            }
        });
        Ok(Some(Self { child, lines }))
    }

    /// What comes of the first of its lines of which something comes.
    pub(crate) fn says<T>(&mut self, what: impl Fn(&str) -> Option<T>) -> Result<T, Problem> {
        let mut said = Vec::new();
        let begin = Instant::now();
        while let Ok(line) = self.lines.recv_timeout(LONG.saturating_sub(begin.elapsed())) {
            if let Some(found) = what(&line) {
                return Ok(found);
            }
            said.push(line);
        }
        Err(format!("it did not say what was expected, but: {}", said.join("; ")).into())
    }

    pub(crate) fn has_ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have gone by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `None` where there is no such program.
pub(crate) fn installed<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// Runs it to its end; `None` where there is no such program.
pub(crate) fn run(command: &mut Command) -> Result<Option<Output>, Problem> {
    let Some(output) = installed(command.stdin(Stdio::null()).output())? else { return Ok(None) };
    match output.status.success() {
        true => Ok(Some(output)),
        false => {
            let why = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(format!("{}: {}: {why}", command.get_program().display(), output.status).into())
        }
    }
}

/// All that was written before is on the disk.
pub(crate) fn flush() -> Result<(), Problem> {
    run(&mut Command::new("sync"))?.map(drop).ok_or_else(|| "there is no `sync`".into())
}

/// Looks again and again until something comes of it.
pub(crate) fn until<T>(
    what: &str,
    pause: Duration,
    mut look: impl FnMut() -> Result<Option<T>, Problem>,
) -> Result<T, Problem> {
    let begin = Instant::now();
    while begin.elapsed() < LONG {
        if let Some(found) = look()? {
            return Ok(found);
        }
        thread::sleep(pause);
    }
    Err(format!("{what} takes longer than {LONG:?}").into())
}

/// One that nobody uses now.
pub(crate) fn port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
