//! One fault: two processes, all kinds of messages under way, the fault, and what the caller was told.

use crate::Fallible;
use crate::caller::HANDS;
use crate::fault::{Event, Fault, Promise};
use crate::net::{Lab, machine, role};
use crate::peer::Peer;
use histories::{Ledger, Told};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long the call that runs takes.
const HOLD: Duration = Duration::from_millis(2_000);

/// How long processes may take to be there, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was told, and how long after the fault.
pub(crate) type Answer = (Told, Duration, String);

/// What became of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Of the call that ran, the one that was queued, the stream and the watch.
    pub ones: HashMap<String, Answer>,
    pub ledger: Ledger,
    /// How long after the end of the fault a call was made that was answered.
    pub again: Option<Duration>,
    /// How long it lasted: longer than it should where this machine is too busy.
    pub lasted: Duration,
    /// What was not as promised.
    pub wrongs: Vec<String>,
}

/// The stage of one fault.
pub(crate) struct Scene<'a> {
    pub lab: &'a mut Lab,
    /// The way from the caller to the server, and its address.
    pub link: &'a (String, String),
    /// A folder of its own.
    pub folder: PathBuf,
    /// The library that fakes clocks, if it is here.
    pub clock: Option<&'a Path>,
}

impl Scene<'_> {
    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// A small disk of its own, for the identity.
    fn disk(&self) -> PathBuf {
        self.folder.join("disk")
    }

    fn server(&self, key: &Path, fault: &Fault) -> Fallible<Peer> {
        Peer::start("server", self.serving(key, fault)?)
    }

    fn serving(&self, key: &Path, fault: &Fault) -> Fallible<Command> {
        let log = self.log();
        let lost_after = fault.lost_after.as_millis().to_string();
        let args = ["--key".as_ref(), key.as_os_str(), "--log".as_ref(), log.as_os_str()];
        let args = [&args[..], &["--lost-after".as_ref(), OsStr::new(&lost_after)]].concat();
        Ok(self.clocked(role(&machine(2), "serve", &args)?, fault))
    }

    fn caller(&self, key: &str, fault: &Fault) -> Fallible<Peer> {
        let (peer, hold) = (format!("{key}@{}", self.link.1), HOLD.as_millis().to_string());
        let slow = if fault.event == Event::SlowReader { "100" } else { "0" };
        let lost_after = fault.lost_after.as_millis().to_string();
        let args = ["--peer", &peer, "--hold", &hold, "--slow", slow, "--lost-after", &lost_after];
        let args = args.map(OsStr::new);
        Peer::start("caller", self.clocked(role(&machine(1), "call", &args)?, fault))
    }

    /// With clocks that can be set, where they shall be.
    fn clocked(&self, mut command: Command, fault: &Fault) -> Command {
        if let (Event::Clock(_), Some(library)) = (fault.event, self.clock) {
            command
                .env("LD_PRELOAD", library)
                .env("FAKETIME_TIMESTAMP_FILE", self.folder.join("time"))
                .env("FAKETIME_NO_CACHE", "1")
                // A machine whose clock is set goes on counting.
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        command
    }

    fn set_clock(&self, seconds: i64) -> Fallible {
        Ok(std::fs::write(self.folder.join("time"), format!("{seconds:+}\n"))?)
    }

    pub(crate) fn play(&mut self, fault: &Fault) -> Fallible<Outcome> {
        std::fs::create_dir_all(self.disk())?;
        let disk = self.disk().display().to_string();
        crate::net::run("mount", &["-t", "tmpfs", "-o", "size=64k", "none", &disk])?;
        self.set_clock(0)?;
        let key = self.disk().join("key");
        let mut server = self.server(&key, fault)?;
        let name = server.wait_for("key ", PATIENCE)?;
        if fault.from_the_start {
            self.begin(fault, &mut server, None)?;
        }
        let mut caller = self.caller(&name, fault)?;
        caller.wait_for("ready", PATIENCE)?;

        let began = Instant::now();
        if !fault.from_the_start {
            self.begin(fault, &mut server, Some(&mut caller))?;
        }
        let mut heard = Heard { began, ..Heard::default() };
        heard.listen(&caller, began + fault.lasts)?;
        self.end(fault, &mut server, &caller)?;
        let over = Instant::now();
        heard.over = Some(over);
        let limit = match fault.promise {
            Promise::Lost(within) => within,
            // It may change again when it is over.
            Promise::Either(within) => fault.lasts + within,
            Promise::GoesOn => HOLD + fault.lost_after.max(Duration::from_secs(3)),
        };
        let latest = (over + fault.again_within).max(began + limit);
        while !heard.is_complete(fault) && Instant::now() < latest {
            let until = (Instant::now() + Duration::from_millis(100)).min(latest);
            heard.listen(&caller, until)?;
        }
        caller.say("stop")?;
        heard.listen_until_done(&caller, PATIENCE)?;
        drop(caller);
        // From now on its log is what it has done.
        drop(server);
        crate::net::run("umount", &["-l", &disk])?;
        heard.judge(fault, limit, &std::fs::read_to_string(self.log())?)
    }

    fn weather(&mut self, up: bool, down: bool, what: &str) -> Fallible {
        for (way, _) in [("up", up), ("down", down)].into_iter().filter(|(_, wanted)| *wanted) {
            self.lab.relay.order(&format!("{way} {} {what}", self.link.0))?;
        }
        Ok(())
    }

    fn begin(&mut self, fault: &Fault, server: &mut Peer, caller: Option<&mut Peer>) -> Fallible {
        match fault.event {
            Event::Nothing | Event::SlowReader => Ok(()),
            Event::Kill => server.kill(),
            Event::HalfOpen => {
                server.kill()?;
                *server = self.server(&self.disk().join("key"), fault)?;
                server.wait_for("key ", PATIENCE).map(drop)
            }
            Event::Freeze => server.freeze(),
            Event::FreezeCaller => caller.map_or(Ok(()), |caller| caller.freeze()),
            Event::Cut { up, down } => self.weather(up, down, "cut"),
            Event::Loss(lost) => self.weather(true, true, &format!("loss {lost}")),
            Event::Delay(millis) => self.weather(true, true, &format!("delay {millis}")),
            Event::Rebind => self.lab.relay.order(&format!("rebind {}", self.link.0)),
            Event::CallerMoves => Lab::move_to(1, 2, 3),
            Event::ServerMoves => {
                Lab::move_to(2, 2, 3)?;
                self.lab.relay.order(&format!("target {} 10.77.2.3:4000", self.link.0))
            }
            Event::Clock(seconds) => {
                self.set_clock(seconds)?;
                caller.map_or(Ok(()), |caller| caller.say("clock"))
            }
            Event::FullDisk => self.fill(fault),
        }
    }

    fn end(&mut self, fault: &Fault, server: &mut Peer, caller: &Peer) -> Fallible {
        match fault.event {
            Event::Nothing | Event::SlowReader | Event::HalfOpen | Event::Rebind => Ok(()),
            Event::Kill => {
                *server = self.server(&self.disk().join("key"), fault)?;
                server.wait_for("key ", PATIENCE).map(drop)
            }
            Event::Freeze => server.thaw(),
            Event::FreezeCaller => caller.thaw(),
            Event::Cut { .. } | Event::Loss(_) | Event::Delay(_) => self.weather(true, true, "heal"),
            Event::CallerMoves => Lab::move_to(1, 3, 2),
            Event::ServerMoves => {
                Lab::move_to(2, 3, 2)?;
                self.lab.relay.order(&format!("target {} 10.77.2.2:4000", self.link.0))
            }
            Event::Clock(_) => self.set_clock(0),
            Event::FullDisk => Ok(std::fs::remove_file(self.disk().join("full"))?),
        }
    }

    /// Fills the disk; a node that would make its identity there says so, and leaves nothing behind.
    fn fill(&self, fault: &Fault) -> Fallible {
        let mut full = std::fs::File::create(self.disk().join("full"))?;
        while full.write_all(&[0; 512]).is_ok() {}
        let new = self.disk().join("new");
        let began = Instant::now();
        let mut command = self.serving(&new, fault)?;
        // What is wrong is as it must be.
        command.stderr(Stdio::null());
        match Peer::start("server", command)?.wait_for("key ", PATIENCE) {
            Ok(key) => return Err(format!("a node {key} on a full disk").into()),
            Err(_) if began.elapsed() < PATIENCE => {}
            Err(error) => return Err(error),
        }
        let left: Vec<_> = std::fs::read_dir(self.disk())?.flatten().map(|entry| entry.file_name()).collect();
        match left.iter().all(|name| name == "full" || name == "key") {
            true => Ok(()),
            false => Err(format!("left on the full disk: {left:?}").into()),
        }
    }
}

/// What the caller has said.
struct Heard {
    began: Instant,
    over: Option<Instant>,
    again: Option<Duration>,
    ones: HashMap<String, Answer>,
    ledger: Ledger,
    /// How many seconds the caller's clock is ahead.
    ahead: Option<i64>,
    is_done: bool,
}

impl Default for Heard {
    fn default() -> Self {
        Heard {
            began: Instant::now(),
            over: None,
            again: None,
            ones: HashMap::new(),
            ledger: Ledger::default(),
            ahead: None,
            is_done: false,
        }
    }
}

impl Heard {
    fn listen(&mut self, caller: &Peer, until: Instant) -> Fallible {
        while let Some((when, line)) = caller.next(until)? {
            self.hear(when, &line)?;
        }
        Ok(())
    }

    fn listen_until_done(&mut self, caller: &Peer, within: Duration) -> Fallible {
        let until = Instant::now() + within;
        while !self.is_done {
            match caller.next(until)? {
                Some((when, line)) => self.hear(when, &line)?,
                None => return Err(format!("calls without an answer after {within:?}").into()),
            }
        }
        Ok(())
    }

    fn hear(&mut self, when: Instant, line: &str) -> Fallible {
        let words: Vec<&str> = line.splitn(5, ' ').collect();
        let no_sense = || format!("the caller says `{line}`");
        match words[..] {
            ["one", name, told, ..] => {
                let told = Told::parse(told).ok_or_else(no_sense)?;
                let text = words.get(3..).map(|words| words.join(" ")).unwrap_or_default();
                if self.ones.insert(name.to_owned(), (told, when - self.began, text)).is_some() {
                    return Err(format!("answered twice: {line}").into());
                }
            }
            [kind @ ("call" | "tell"), id, told, micros, ..] => {
                let (id, told) = (id.parse()?, Told::parse(told).ok_or_else(no_sense)?);
                let took = Duration::from_micros(micros.parse()?);
                self.ledger.told(kind, id, told, took)?;
                let made = when.checked_sub(took);
                if let (Some(over), None, Some(made), Told::Ok) = (self.over, self.again, made, told)
                    && made >= over
                {
                    self.again = Some(when - over);
                }
            }
            ["clock", seconds] => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
                self.ahead = Some(seconds.parse::<i64>()? - i64::try_from(now)?);
            }
            ["item", _] => self.ledger.item(when),
            ["done"] => self.is_done = true,
            _ => return Err(no_sense().into()),
        }
        Ok(())
    }

    /// Whether all has been heard that must be.
    fn is_complete(&self, fault: &Fault) -> bool {
        let wanted: &[&str] = match fault.promise {
            Promise::Lost(_) => &["running", "queued", "streaming", "watch"],
            Promise::GoesOn | Promise::Either(_) => &["running", "queued"],
        };
        self.again.is_some() && wanted.iter().all(|name| self.ones.contains_key(*name))
    }

    fn judge(self, fault: &Fault, limit: Duration, log: &str) -> Fallible<Outcome> {
        let Heard { began, over, again, ones, ledger, ahead, .. } = self;
        let lasted = over.map_or(fault.lasts, |over| over - began);
        let mut wrongs = Vec::new();
        if let Event::Clock(seconds) = fault.event
            && ahead.is_none_or(|ahead| (ahead - seconds).abs() > 60)
        {
            wrongs.push(format!("the caller's clock is ahead by {ahead:?} and not by {seconds}"));
        }
        for name in ["running", "queued", "streaming", "watch"] {
            match (fault.promise, ones.get(name)) {
                (_, None) => wrongs.push(format!("{name}: no answer")),
                (Promise::Lost(_), Some((told, when, text))) => {
                    if *told != Told::Unknown || *when > limit {
                        wrongs.push(format!("{name}: {told} ({text}) after {when:?}"));
                    }
                }
                (Promise::Either(_), Some((Told::Unknown, when, _))) if *when <= limit => {}
                (Promise::GoesOn | Promise::Either(_), Some((told, when, text))) => {
                    if *told != Told::Ok {
                        wrongs.push(format!("{name}: {told} ({text}) after {when:?}"));
                    }
                }
            }
        }
        match again {
            Some(again) if again <= fault.again_within => {}
            again => wrongs.push(format!("works again after {again:?}")),
        }
        // One call lasts no longer than it takes to see that the connection has gone, and that there is no new one. Whose process stands still has no time.
        let slowest = ledger.slowest();
        if fault.event != Event::FreezeCaller && slowest > limit.max(Duration::from_secs(3)) {
            wrongs.push(format!("a call or tell took {slowest:?}"));
        }
        // What lies in a mailbox dies with the process: no more than one of each that tells.
        let dies = matches!(fault.event, Event::Kill | Event::HalfOpen);
        wrongs.extend(ledger.against(log, if dies { HANDS } else { 0 }));
        // The server has not heard of its caller for a second when the turn of the queued call comes.
        let is_unheard = matches!(fault.event, Event::FreezeCaller | Event::Cut { up: true, .. });
        if is_unheard && fault.lasts > HOLD && log.lines().any(|line| line == "begin 2") {
            wrongs.push("what was queued ran, though its caller was gone".to_owned());
        }
        for (name, id) in [("running", 1), ("queued", 2)] {
            let told = ones.get(name).map(|(told, ..)| *told);
            wrongs.extend(told.and_then(|told| histories::contradiction(log, "work", id, told)));
        }
        Ok(Outcome { ones, ledger, again, lasted, wrongs })
    }
}
