//! rsync: by itself, and over an `sshd` that is started for it.
//!
//! It leaves what it has written to the system, so that it is timed a second time when that is on the disk.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::{self, Running};
use crate::{Job, Problem};

/// What the processor helps with.
const CIPHER: &str = "aes128-gcm@openssh.com";
/// Where it is if it is in no path of ordinary users.
const SSHD: &str = "/usr/sbin/sshd";

fn with_slash(path: &Path) -> OsString {
    let mut path = path.as_os_str().to_owned();
    path.push("/");
    path
}

fn time(
    command: &mut Command,
    names: [&'static str; 2],
) -> Result<Option<Vec<(&'static str, Duration)>>, Problem> {
    let begin = Instant::now();
    if process::run(command)?.is_none() {
        return Ok(None);
    }
    let copied = begin.elapsed();
    process::flush()?;
    Ok(Some(vec![(names[0], copied), (names[1], begin.elapsed())]))
}

pub(crate) fn here(job: &Job<'_>) -> Result<Option<Vec<(&'static str, Duration)>>, Problem> {
    let mut rsync = Command::new("rsync");
    rsync.arg("-a").arg(with_slash(job.from)).arg(with_slash(job.to));
    time(&mut rsync, ["rsync -a", "rsync -a, then sync"])
}

pub(crate) fn between(job: &Job<'_>) -> Result<Option<Vec<(&'static str, Duration)>>, Problem> {
    let Some(server) = Server::start(job.scratch)? else { return Ok(None) };
    let user = process::run(Command::new("id").arg("-un"))?.ok_or("there is no `id`")?;
    let mut to = OsString::from(format!("{}@127.0.0.1:", String::from_utf8(user.stdout)?.trim()));
    to.push(with_slash(job.to));
    let mut rsync = Command::new("rsync");
    rsync.args(["-a", "-e", &server.shell]).arg(with_slash(job.from)).arg(to);
    time(&mut rsync, ["rsync over ssh", "rsync over ssh, then sync"])
}

/// An `sshd` for whoever has the key that was made for it.
struct Server {
    shell: String,
    _running: Running,
}

impl Server {
    fn start(scratch: &Path) -> Result<Option<Self>, Problem> {
        let at = |name: &str| scratch.join(name).display().to_string();
        for key in ["host", "user"] {
            let mut make = Command::new("ssh-keygen");
            if process::run(make.args(["-q", "-t", "ed25519", "-N", "", "-f", &at(key)]))?.is_none() {
                return Ok(None);
            }
        }
        let port = process::port()?;
        let config = format!(
            "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\n\
             UsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n",
            at("host"),
            at("user.pub"),
        );
        fs::write(at("config"), config)?;
        // Where it shuts itself in, if it runs as root.
        match fs::create_dir("/run/sshd") {
            Err(error) if !matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::PermissionDenied) => {
                return Err(error.into());
            }
            _ => {}
        }
        let mut sshd = Command::new(SSHD);
        let Some(mut running) = Running::start(sshd.args(["-D", "-q", "-f", &at("config")]))? else {
            return Ok(None);
        };
        process::until("sshd", Duration::from_millis(10), || match running.has_ended()? {
            Some(status) => Err(format!("sshd: {status}").into()),
            None => Ok(TcpStream::connect(("127.0.0.1", port)).ok()),
        })?;
        let shell = format!(
            "ssh -F none -p {port} -i {} -c {CIPHER} -o BatchMode=yes -o StrictHostKeyChecking=no -o LogLevel=ERROR \
             -o UserKnownHostsFile=/dev/null",
            at("user"),
        );
        Ok(Some(Self { shell, _running: running }))
    }
}
