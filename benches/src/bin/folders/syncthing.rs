//! Syncthing: two of them, which know of each other and of nobody else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;

use crate::process::{self, Running};
use crate::{Job, Problem};

/// Of the interface by which they are told what to do, on this machine.
const KEY: &str = "benchmark";
const FOLDER: &str = "folder";
/// Between two looks at how far it is.
const PAUSE: Duration = Duration::from_millis(50);

/// From when both know the folder: that they start, make their keys and find each other takes seconds, and is left out.
pub(crate) fn between(job: &Job<'_>) -> Result<Option<Vec<(&'static str, Duration)>>, Problem> {
    let Some(from) = Daemon::start(job.scratch.join("from"))? else { return Ok(None) };
    let Some(to) = Daemon::start(job.scratch.join("to"))? else { return Ok(None) };
    for (one, other) in [(&from, &to), (&to, &from)] {
        one.meet(other)?;
    }
    process::until("a connection", PAUSE, || {
        let connections = from.get("system/connections")?;
        Ok(connections["connections"][&to.id]["connected"].as_bool().filter(|is| *is))
    })?;
    let begin = Instant::now();
    to.share(job.to, &from)?;
    from.share(job.from, &to)?;
    process::until("Syncthing", PAUSE, || {
        let status = to.get(&format!("db/status?folder={FOLDER}"))?;
        let is_done =
            status["state"] == "idle" && status["needTotalItems"] == 0 && status["localFiles"] == job.files;
        Ok(is_done.then_some(()))
    })?;
    Ok(Some(vec![("Syncthing", begin.elapsed())]))
}

struct Daemon {
    id: String,
    /// Where the others reach it, and where it is told what to do.
    listens: String,
    rest: String,
    agent: Agent,
    _running: Running,
}

impl Daemon {
    fn start(home: PathBuf) -> Result<Option<Self>, Problem> {
        fs::create_dir(&home)?;
        let at = format!("--home={}", home.display());
        let mut generate = Command::new("syncthing");
        generate.args(["generate", "--no-default-folder", "--skip-port-probing", &at]);
        if process::run(&mut generate)?.is_none() {
            return Ok(None);
        }
        let rest = format!("127.0.0.1:{}", process::port()?);
        let mut serve = Command::new("syncthing");
        serve.args(["serve", "--no-browser", "--no-restart", "--no-upgrade", "--logfile=-", &at]);
        serve.args([format!("--gui-address={rest}"), format!("--gui-apikey={KEY}")]);
        serve.stderr(Stdio::null());
        let Some(mut running) = Running::start(&mut serve)? else { return Ok(None) };
        running.says(|line| line.contains("GUI and API listening").then_some(()))?;
        let mut daemon = Self {
            id: String::new(),
            listens: format!("tcp://127.0.0.1:{}", process::port()?),
            rest,
            agent: Agent::new_with_defaults(),
            _running: running,
        };
        daemon.id = daemon.get("system/status")?["myID"].as_str().unwrap_or_default().to_owned();
        daemon.patch(
            "config/options",
            &json!({
                "listenAddresses": [daemon.listens],
                "globalAnnounceEnabled": false,
                "localAnnounceEnabled": false,
                "relaysEnabled": false,
                "natEnabled": false,
                "crashReportingEnabled": false,
                "urAccepted": -1,
                "setLowPriority": false,
            }),
        )?;
        Ok(Some(daemon))
    }

    fn url(&self, what: &str) -> String {
        format!("http://{}/rest/{what}", self.rest)
    }

    fn get(&self, what: &str) -> Result<Value, Problem> {
        let asked = self.agent.get(self.url(what)).header("X-API-Key", KEY).call()?;
        Ok(asked.into_body().read_json()?)
    }

    fn patch(&self, what: &str, value: &Value) -> Result<(), Problem> {
        self.agent.patch(self.url(what)).header("X-API-Key", KEY).send_json(value)?;
        Ok(())
    }

    fn put(&self, what: &str, value: &Value) -> Result<(), Problem> {
        self.agent.put(self.url(what)).header("X-API-Key", KEY).send_json(value)?;
        Ok(())
    }

    fn meet(&self, other: &Self) -> Result<(), Problem> {
        let device = json!({ "deviceID": other.id, "addresses": [other.listens], "compression": "never" });
        self.put(&format!("config/devices/{}", other.id), &device)
    }

    fn share(&self, path: &Path, with: &Self) -> Result<(), Problem> {
        let folder = json!({ "id": FOLDER, "path": path, "devices": [{ "deviceID": with.id }] });
        self.put(&format!("config/folders/{FOLDER}"), &folder)
    }
}
