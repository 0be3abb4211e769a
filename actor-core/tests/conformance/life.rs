//! The table of `docs/life.md`, cell by cell: what the caller of a message gets, by where the message is and what happens. Each is played
//! by a call that is started and by one that is awaited, which may run in its caller.

use crate::kit::{Gate, Log, Way, limited, ms, paused, poll_once, settle};
use crate::otp::rows;
use actor_core::prelude::*;
use actor_core::{Backoff, Supervise, Supervisor, SupervisorHandle};
use std::fmt;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::sleep;

/// Where a message is, in the order of the columns.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Waiting,
    Queued,
    Held,
    Running,
    Kept,
    Answered,
}

const PLACES: [(&str, Place); 6] = [
    ("waits for room", Place::Waiting),
    ("queued", Place::Queued),
    ("held by its guard", Place::Held),
    ("running", Place::Running),
    ("reply kept", Place::Kept),
    ("answered", Place::Answered),
];

/// How the call is made.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    /// `.start()`: it is queued.
    Start,
    /// `.await`, in a task: an idle actor handles it there.
    Await,
}

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
    Leave,
    Last,
    LastHandle,
    ParentStops,
    ParentKilled,
    Restart,
    LeaveAndRestart,
    Backoff,
    StopInBackoff,
    GroupFalls,
    GivesUp,
    SiblingGivesUp,
    RuntimeGone,
    StartFails,
}

const EVENTS: [(&str, Event); 22] = [
    ("its caller drops it", Event::CallerDrops),
    ("its deadline passes", Event::Deadline),
    ("`stop`", Event::Stop),
    ("the time of `stop_within` runs out", Event::GraceRunsOut),
    ("`kill`", Event::Kill),
    ("its own handler panics", Event::OwnPanic),
    ("another handler panics", Event::Panic),
    ("`ctx.fail` in a handler", Event::Fail),
    ("`ctx.stop` in a handler", Event::Leave),
    ("a by-value message", Event::Last),
    ("the last handle goes", Event::LastHandle),
    ("its parent stops", Event::ParentStops),
    ("its parent is killed", Event::ParentKilled),
    ("a panic, and a restart", Event::Restart),
    ("`ctx.stop` in a permanent one, and a restart", Event::LeaveAndRestart),
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
    Leave,
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
            Event::Leave | Event::LeaveAndRestart => Ending::Leave,
            Event::Last => Ending::Last,
            _ => Ending::Return,
        }
    }

    /// Whether there is such a cell.
    fn meets(self, place: Place) -> bool {
        match self {
            Event::OwnPanic => !matches!(place, Place::Waiting | Place::Queued | Place::Held),
            Event::Panic => place != Place::Running,
            Event::StartFails => matches!(place, Place::Waiting | Place::Queued),
            _ => true,
        }
    }

    /// Whether it can happen to a call that is made so. One that is awaited has a handle.
    fn befalls(self, by: By) -> bool {
        (self, by) != (Event::LastHandle, By::Await)
    }
}

#[actor(mailbox = 1)]
struct Subject {
    gate: Gate,
    log: Log,
    starts: bool,
    lets_pass: bool,
    kept: Vec<ReplyTo<()>>,
}

#[actor]
impl Subject {
    fn new(gate: &Gate, log: &Log, starts: bool) -> Self {
        Subject { gate: gate.clone(), log: log.clone(), starts, lets_pass: false, kept: Vec::new() }
    }
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
    #[message(when = self.lets_pass)]
    pub fn guarded(&mut self) {
        self.log.push("guarded");
    }
    pub fn let_pass(&mut self) {
        self.lets_pass = true;
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
            Ending::Leave => ctx.stop(),
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

#[actor]
struct Parent;

#[actor]
impl Parent {
    pub fn bear(&mut self, ctx: &mut Context<Self>, child: Subject, how: Spawn) -> SubjectHandle {
        ctx.spawn_with(child, how)
    }
}

type Call = Pin<Box<dyn Future<Output = Result<(), CallError>> + Send>>;

/// A message in its place, and all that belongs to it.
struct Scene {
    subject: Option<SubjectHandle>,
    /// What keeps the subject's surroundings alive.
    sibling: Option<SubjectHandle>,
    parent: Option<ParentHandle>,
    _supervisor: Option<SupervisorHandle>,
    gate: Gate,
    log: Log,
    call: Option<Call>,
    /// What its caller learnt before it was over.
    told: Option<String>,
}

const HOUR: Duration = Duration::from_secs(3_600);

/// The message that shall come into that place.
fn request(subject: &SubjectHandle, place: Place, event: Event) -> Request<'_, SubjectMessage, ()> {
    match (place, event) {
        (Place::Running, Event::Last) => subject.last(),
        (Place::Running, _) => subject.hold(event.ending()),
        (Place::Kept, Event::OwnPanic) => subject.keep_on(),
        (Place::Answered, Event::OwnPanic) => subject.answer_on(),
        (Place::Kept, _) => subject.keep(),
        (Place::Held, _) => subject.guarded(),
        _ => subject.plain(),
    }
    .timeout(if event == Event::Deadline { ms(100) } else { Duration::MAX })
}

impl Scene {
    async fn set(way: Way, by: By, place: Place, event: Event) -> Self {
        let (gate, log) = (Gate::default(), Log::default());
        let starts = event != Event::StartFails;
        let make = {
            let (gate, log) = (gate.clone(), log.clone());
            move || Subject::new(&gate, &log, starts)
        };
        let policy = Supervise::permanent().with(way.spawn());
        let (mut sibling, mut supervisor, mut parent) = (None, None, None);
        let subject = match event {
            Event::Restart | Event::LeaveAndRestart => Subject::supervised(policy, make),
            Event::Backoff | Event::StopInBackoff => {
                Subject::supervised(policy.backoff(Backoff::exponential(HOUR, HOUR)), make)
            }
            Event::GroupFalls | Event::GivesUp | Event::SiblingGivesUp => {
                let most = if event == Event::GroupFalls { 1 } else { 0 };
                let above = Supervisor::one_for_all().intensity(most, HOUR).spawn();
                let beside = || Subject::new(&Gate::default(), &Log::default(), true);
                sibling = Some(above.child(policy.clone(), beside));
                let subject = above.child(policy, make);
                supervisor = Some(above);
                subject
            }
            Event::ParentStops | Event::ParentKilled => {
                let above = Parent.spawn_with(way.spawn());
                let subject = above.bear(make(), way.spawn()).await.unwrap();
                parent = Some(above);
                subject
            }
            _ => make().spawn_with(way.spawn()),
        };
        settle().await;
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
        let (call, told) = match by {
            By::Start => {
                let mut call = request(&subject, place, event).start();
                if place == Place::Waiting {
                    assert!(poll_once(&mut call).await.is_none());
                }
                (Box::pin(call) as Call, None)
            }
            By::Await => {
                let subject = subject.clone();
                let mut call: Call = Box::pin(async move { request(&subject, place, event).await });
                let polled = tokio::spawn(async move { (poll_once(&mut call).await, call) });
                let (told, call) = polled.await.unwrap();
                (call, told.map(words))
            }
        };
        settle().await;
        Scene {
            subject: Some(subject),
            sibling,
            parent,
            _supervisor: supervisor,
            gate,
            log,
            call: Some(call),
            told,
        }
    }

    async fn happens(&mut self, place: Place, event: Event) {
        let subject = self.subject.clone().unwrap();
        match event {
            Event::CallerDrops => (self.call, self.told) = (None, None),
            Event::Deadline => {
                sleep(ms(200)).await;
                // One that looks only later may find an answer that came too late.
                let told = self.told(place).await;
                self.told = Some(told);
            }
            Event::Stop => subject.stop(),
            Event::GraceRunsOut => {
                // Something that does not end in time.
                if matches!(place, Place::Held | Place::Kept | Place::Answered) {
                    subject.hold(Ending::Return).try_tell().unwrap();
                    self.gate.arrived(1).await;
                }
                subject.stop_within(ms(100));
                sleep(ms(200)).await;
            }
            Event::Kill => subject.kill(),
            Event::LastHandle => self.subject = None,
            Event::ParentStops => self.parent.as_ref().unwrap().stop(),
            Event::ParentKilled => self.parent.as_ref().unwrap().kill(),
            Event::GroupFalls | Event::SiblingGivesUp => {
                self.sibling.as_ref().unwrap().fail().await.unwrap();
            }
            Event::Panic
            | Event::Fail
            | Event::Leave
            | Event::Last
            | Event::Restart
            | Event::LeaveAndRestart
            | Event::Backoff
            | Event::StopInBackoff
            | Event::GivesUp
                if matches!(place, Place::Held | Place::Kept | Place::Answered) =>
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
        if let (Place::Held, Some(subject)) = (place, &self.subject) {
            // Where somebody is there to ask again, the guard says yes at last.
            let _ = subject.let_pass().try_tell();
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
                Place::Held => "guarded",
                Place::Waiting | Place::Queued | Place::Answered => "plain",
            };
            return if self.log.count(name) > 0 { "runs all the same" } else { "never runs" }.to_owned();
        };
        match poll_once(call).await {
            None => "waits".to_owned(),
            Some(answer) => words(answer),
        }
    }
}

/// An answer as the table writes it.
fn words(answer: Result<(), CallError>) -> String {
    answer.map_or_else(|error| Told(error).to_string(), |()| "the reply".to_owned())
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
fn cell(way: Way, by: By, place: Place, event: Event) -> String {
    let runtime = paused();
    let mut scene = runtime.block_on(Scene::set(way, by, place, event));
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
    rows.retain(|row| row.len() == 1 + PLACES.len());
    assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), EVENTS.map(|(name, _)| name));
    let mut wrong = Vec::new();
    for (row, (name, event)) in rows.iter().zip(EVENTS) {
        for (written, (column, place)) in row[1..].iter().zip(PLACES) {
            for by in [By::Start, By::Await].into_iter().filter(|by| event.befalls(*by)) {
                let found = if event.meets(place) { cell(way, by, place, event) } else { "-".to_owned() };
                if found != *written {
                    wrong.push(format!("{name}, {column}, {by:?}: {found}, not {written}"));
                }
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
