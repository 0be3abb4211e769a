//! Another process of this program.

use std::env;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::timeout;

use super::LONG;
use crate::error::Error;

/// One that serves a folder, and goes with this value.
pub(super) struct Process {
    child: Child,
    program: PathBuf,
    lines: UnboundedReceiver<String>,
    /// What it has said of late.
    said: Vec<String>,
}

impl Process {
    pub(super) fn serve(root: &Path, name: &str, ticket: Option<&str>) -> Result<Self, Error> {
        let program = env::current_exe().map_err(Error::io("find", Path::new("filesync")))?;
        let mut command = Command::new(&program);
        match ticket {
            Some(ticket) => command.args(["join", ticket]),
            None => command.arg("serve"),
        };
        command.arg(root).args(["--name", name, "--bind", "127.0.0.1"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(Error::io("run", &program))?;
        let (sender, lines) = mpsc::unbounded_channel();
        read(child.stdout.take(), sender.clone());
        read(child.stderr.take(), sender);
        Ok(Self { child, program, lines, said: Vec::new() })
    }

    /// Waits for a line with `what` in it.
    pub(super) async fn says(&mut self, what: &str) -> Result<String, Error> {
        let line = async {
            while let Some(line) = self.lines.recv().await {
                self.said.push(line.clone());
                if line.contains(what) {
                    return Some(line);
                }
            }
            None
        };
        let said = timeout(LONG, line).await.ok().flatten();
        said.ok_or_else(|| {
            Error::TooLong(format!("a process says `{what}`; it said: {}", self.said.join("; ")))
        })
    }

    /// The ticket that it prints when it is ready.
    pub(super) async fn ticket(&mut self) -> Result<String, Error> {
        let line = self.says("others join with: ").await?;
        Ok(line.split('\'').nth(1).unwrap_or_default().to_owned())
    }

    /// What it has said until now is no answer to what comes.
    pub(super) fn forget(&mut self) {
        while self.lines.try_recv().is_ok() {}
    }

    pub(super) fn signal(&self, signal: Signal) -> Result<(), Error> {
        let sent = kill(Pid::from_raw(self.child.id().cast_signed()), signal);
        sent.map_err(|error| Error::io("send a signal to", &self.program)(error.into()))
    }

    /// Without time to do anything about it.
    pub(super) fn kill(mut self) -> Result<(), Error> {
        let killed = self.child.kill().and_then(|()| self.child.wait());
        killed.map(drop).map_err(Error::io("end", &self.program))
    }

    /// Asks it to end, as Ctrl-C does, and waits until it has.
    pub(super) async fn end(&mut self) -> Result<(), Error> {
        self.signal(Signal::SIGINT)?;
        let closed = async { while self.lines.recv().await.is_some() {} };
        // Its outputs end with it.
        timeout(LONG, closed).await.map_err(|_| Error::TooLong("a process ends".to_owned()))?;
        match self.child.wait().map_err(Error::io("wait for", &self.program))? {
            status if status.success() => Ok(()),
            status => Err(Error::io("end", &self.program)(io::Error::other(status.to_string()))),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads on a thread of its own, until the end.
fn read(from: Option<impl Read + Send + 'static>, to: UnboundedSender<String>) {
    let Some(from) = from else { return };
    thread::spawn(move || {
        BufReader::new(from).lines().map_while(Result::ok).try_for_each(|line| to.send(line))
    });
}
