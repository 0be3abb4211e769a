//! The table of `docs/life.md`, cell by cell: what the caller of a message gets, by where the message is and what happens.

use crate::kit::{Gate, Log, Way, limited, ms, paused, poll_once, settle};
use crate::otp::rows;
use actor_core::prelude::*;
use actor_core::{Backoff, Supervise, Supervisor, SupervisorHandle};
use std::fmt;
use std::path::Path;
use std::time::Duration;
use tokio::time::sleep;

/// Where a message is, in the order of the columns.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Waiting,
    Queued,
    Running,
    Kept,
    Answered,
}

const PLACES: [(&str, Place); 5] = [
    ("waits for room", Place::Waiting),
    ("queued", Place::Queued),
    ("running", Place::Running),
    ("reply kept", Place::Kept),
    ("answered", Place::Answered),
];

/// What happens, by its name in the table.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    CallerDrops,
    Deadline,
    Stop,
    GraceRunsOut,
    Kill,
    OwnPanic,
    Panic,
    Fail,
    Last,
    LastHandle,
    Restart,
    Backoff,
    StopInBackoff,
    GroupFalls,
    GivesUp,
    SiblingGivesUp,
    RuntimeGone,
    StartFails,
}

const EVENTS: [(&str, Event); 18] = [
    ("its caller drops it", Event::CallerDrops),
    ("its deadline passes", Event::Deadline),
    ("`stop`", Event::Stop),
    ("the time of `stop_within` runs out", Event::GraceRunsOut),
    ("`kill`", Event::Kill),
    ("its own handler panics", Event::OwnPanic),
    ("another handler panics", Event::Panic),
    ("`ctx.fail` in a handler", Event::Fail),
    ("a by-value message", Event::Last),
    ("the last handle goes", Event::LastHandle),
    ("a panic, and a restart", Event::Restart),
    ("a panic, and a restart after a backoff", Event::Backoff),
    ("a panic, and `stop` during the backoff", Event::StopInBackoff),
    ("a sibling falls, one for all", Event::GroupFalls),
    ("a panic, and the supervisor gives up", Event::GivesUp),
    ("a sibling falls, and the supervisor gives up", Event::SiblingGivesUp),
    ("its runtime is shut down", Event::RuntimeGone),
    ("`on_start` fails", Event::StartFails),
];

/// How a handler that waits at the gate ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Return,
    Panic,
    Fail,
    Last,
}

impl Event {
    fn ending(self) -> Ending {
        match self {
            Event::Panic
            | Event::OwnPanic
            | Event::Restart
            | Event::Backoff
            | Event::StopInBackoff
            | Event::GivesUp => Ending::Panic,
            Event::Fail => Ending::Fail,
            Event::Last => Ending::Last,
            _ => Ending::Return,
        }
    }

    /// Whether there is such a cell.
    fn meets(self, place: Place) -> bool {
        match self {
            Event::OwnPanic => !matches!(place, Place::Waiting | Place::Queued),
            Event::Panic => place != Place::Running,
            Event::StartFails => matches!(place, Place::Waiting | Place::Queued),
            _ => true,
        }
    }
}

#[actor(mailbox = 1)]
struct Subject {
    gate: Gate,
    log: Log,
    starts: bool,
    kept: Vec<ReplyTo<()>>,
}

#[actor]
impl Subject {
    #[on_start]
    async fn begin(&mut self) -> Result<(), &'static str> {
        if self.starts {
            return Ok(());
        }
        self.gate.pass().await;
        Err("no start")
    }
    pub fn plain(&mut self) {
        self.log.push("plain");
    }
    /// Takes the room.
    pub fn filler(&mut self) {}
    pub fn fail(&mut self, ctx: &mut Context<Self>) {
        ctx.fail("a cell of the table");
    }
    pub async fn hold(&mut self, ctx: &mut Context<Self>, ending: Ending) {
        self.gate.pass().await;
        self.log.push("held");
        match ending {
            Ending::Panic => panic!("a cell of the table"),
            Ending::Fail => ctx.fail("a cell of the table"),
            Ending::Return | Ending::Last => {}
        }
    }
    pub async fn last(self) {
        self.gate.pass().await;
    }
    pub fn keep(&mut self, reply: ReplyTo<()>) {
        self.log.push("kept");
        self.kept.push(reply);
    }
    /// Goes on after it has kept its reply.
    pub async fn keep_on(&mut self, reply: ReplyTo<()>) {
        self.kept.push(reply);
        self.gate.pass().await;
        panic!("a cell of the table");
    }
    /// Goes on after it has answered.
    pub async fn answer_on(&mut self, reply: ReplyTo<()>) {
        let _ = reply.send(());
        self.gate.pass().await;
        panic!("a cell of the table");
    }
}

/// A message in its place, and all that belongs to it.
struct Scene {
    subject: Option<SubjectHandle>,
    /// What keeps the subject's surroundings alive.
    sibling: Option<SubjectHandle>,
    _supervisor: Option<SupervisorHandle>,
    gate: Gate,
    log: Log,
    call: Option<PendingReply<()>>,
    /// What its caller learnt before it was over.
    told: Option<String>,
}

const HOUR: Duration = Duration::from_secs(3_600);

impl Scene {
    async fn set(way: Way, place: Place, event: Event) -> Self {
        let (gate, log) = (Gate::default(), Log::default());
        let starts = event != Event::StartFails;
        let make = {
            let (gate, log) = (gate.clone(), log.clone());
            move || Subject { gate: gate.clone(), log: log.clone(), starts, kept: Vec::new() }
        };
        let policy = Supervise::permanent().with(way.spawn());
        let (mut sibling, mut supervisor) = (None, None);
        let subject = match event {
            Event::Restart => Subject::supervised(policy, make),
            Event::Backoff | Event::StopInBackoff => {
                Subject::supervised(policy.backoff(Backoff::exponential(HOUR, HOUR)), make)
            }
            Event::GroupFalls | Event::GivesUp | Event::SiblingGivesUp => {
                let most = if event == Event::GroupFalls { 1 } else { 0 };
                let above = Supervisor::one_for_all().intensity(most, HOUR).spawn();
                let beside =
                    || Subject { gate: Gate::default(), log: Log::default(), starts: true, kept: Vec::new() };
                sibling = Some(above.child(policy.clone(), beside));
                let subject = above.child(policy, make);
                supervisor = Some(above);
                subject
            }
            _ => make().spawn_with(way.spawn()),
        };
        settle().await;
        let deadline = if event == Event::Deadline { ms(100) } else { Duration::MAX };
        let waits_behind = matches!(place, Place::Waiting | Place::Queued);
        if waits_behind && starts {
            match event.ending() {
                Ending::Last => subject.last().try_tell().unwrap(),
                ending => subject.hold(ending).try_tell().unwrap(),
            }
            gate.arrived(1).await;
        }
        if place == Place::Waiting {
            subject.filler().try_tell().unwrap();
        }
        let mut call = match (place, event) {
            (Place::Running, Event::Last) => subject.last().start(),
            (Place::Running, _) => subject.hold(event.ending()).timeout(deadline).start(),
            (Place::Kept, Event::OwnPanic) => subject.keep_on().start(),
            (Place::Answered, Event::OwnPanic) => subject.answer_on().start(),
            (Place::Kept, _) => subject.keep().timeout(deadline).start(),
            _ => subject.plain().timeout(deadline).start(),
        };
        if place == Place::Waiting {
            assert!(poll_once(&mut call).await.is_none());
        }
        settle().await;
        Scene {
            subject: Some(subject),
            sibling,
            _supervisor: supervisor,
            gate,
            log,
            call: Some(call),
            told: None,
        }
    }

    async fn happens(&mut self, place: Place, event: Event) {
        let subject = self.subject.clone().unwrap();
        match event {
            Event::CallerDrops => self.call = None,
            Event::Deadline => {
                sleep(ms(200)).await;
                // One that looks only later may find an answer that came too late.
                self.told = Some(self.told(place).await);
            }
            Event::Stop => subject.stop(),
            Event::GraceRunsOut => {
                // Something that does not end in time.
                if matches!(place, Place::Kept | Place::Answered) {
                    subject.hold(Ending::Return).try_tell().unwrap();
                    self.gate.arrived(1).await;
                }
                subject.stop_within(ms(100));
                sleep(ms(200)).await;
            }
            Event::Kill => subject.kill(),
            Event::LastHandle => self.subject = None,
            Event::GroupFalls | Event::SiblingGivesUp => {
                self.sibling.as_ref().unwrap().fail().await.unwrap();
            }
            Event::Panic
            | Event::Fail
            | Event::Last
            | Event::Restart
            | Event::Backoff
            | Event::StopInBackoff
            | Event::GivesUp
                if matches!(place, Place::Kept | Place::Answered) =>
            {
                match event.ending() {
                    Ending::Last => subject.last().try_tell().unwrap(),
                    ending => subject.hold(ending).try_tell().unwrap(),
                }
            }
            _ => {}
        }
        drop(subject);
        settle().await;
        // Whoever waits at the gate goes on.
        self.gate.open(10);
        settle().await;
        if event == Event::Backoff {
            sleep(HOUR).await;
        }
        if event == Event::StopInBackoff {
            self.subject.as_ref().unwrap().stop();
        }
        settle().await;
    }

    async fn told(&mut self, place: Place) -> String {
        if let Some(told) = self.told.take() {
            return told;
        }
        let Some(call) = &mut self.call else {
            let name = match place {
                Place::Running => "held",
                Place::Kept => "kept",
                Place::Waiting | Place::Queued | Place::Answered => "plain",
            };
            return if self.log.count(name) > 0 { "runs all the same" } else { "never runs" }.to_owned();
        };
        match poll_once(call).await {
            None => "waits".to_owned(),
            Some(Ok(())) => "the reply".to_owned(),
            Some(Err(error)) => Told(error).to_string(),
        }
    }
}

/// An error as the table writes it.
struct Told(CallError);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            CallError::Interrupted(ExitReason::Panicked(_)) => f.write_str("`Interrupted(Panicked)`"),
            CallError::Interrupted(ExitReason::Failed(_)) => f.write_str("`Interrupted(Failed)`"),
            error => write!(f, "`{error:?}`"),
        }
    }
}

/// Plays one cell.
fn cell(way: Way, place: Place, event: Event) -> String {
    let runtime = paused();
    let mut scene = runtime.block_on(Scene::set(way, place, event));
    if event == Event::RuntimeGone {
        drop(runtime);
    } else {
        runtime.block_on(scene.happens(place, event));
    }
    futures::executor::block_on(scene.told(place))
}

fn all_cells(way: Way) {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/life.md")).unwrap();
    let mut rows = rows(&page);
    let head: Vec<_> =
        page.lines().find(|line| line.starts_with('|')).unwrap().trim_matches('|').split('|').collect();
    let places: Vec<_> = head.iter().skip(1).map(|cell| cell.trim()).collect();
    assert_eq!(places, PLACES.map(|(name, _)| name));
    rows.retain(|row| row.len() == 6);
    assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), EVENTS.map(|(name, _)| name));
    let mut wrong = Vec::new();
    for (row, (name, event)) in rows.iter().zip(EVENTS) {
        for (written, (column, place)) in row[1..].iter().zip(PLACES) {
            let found = if event.meets(place) { cell(way, place, event) } else { "-".to_owned() };
            if found != *written {
                wrong.push(format!("{name}, {column}: {found}, not {written}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_cell_of_the_table_is_so_direct() {
    limited(|| all_cells(Way { direct: true }));
}

#[test]
fn each_cell_of_the_table_is_so_queued() {
    limited(|| all_cells(Way { direct: false }));
}
