//! What may befall two machines, and what is promised of it.

use std::time::Duration;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Nothing: to compare with.
    Nothing,
    /// The serving process is killed, and is there again when the fault is over.
    Kill,
    /// The serving process is killed, and is there again at once, at the same address, with the same key: who called does not hear of it.
    HalfOpen,
    /// The serving process stands still.
    Freeze,
    /// The calling process does.
    FreezeCaller,
    /// Nothing comes through to the server, to the caller, or both.
    Cut { up: bool, down: bool },
    /// So many of a thousand packets are lost each way.
    Loss(u32),
    /// Each way takes so many milliseconds.
    Delay(u32),
    /// The caller has another address.
    CallerMoves,
    /// The server has one.
    ServerMoves,
    /// What comes from the caller comes from another port.
    Rebind,
    /// The clocks of both go so many seconds ahead, and back at the end.
    Clock(i64),
    /// The caller takes its time with each item of a stream that is as fast as it is read.
    SlowReader,
    /// There is no room on the disk of the server's identity.
    FullDisk,
}

/// What callers are promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// All that is under way is answered as lost, within this time.
    Lost(Duration),
    /// Nothing is lost: all goes on.
    GoesOn,
    /// One of both, as fast as systems are to say that an address is new.
    Either(Duration),
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub name: &'static str,
    pub event: Event,
    pub promise: Promise,
    /// How long it lasts.
    pub lasts: Duration,
    /// It is there before the caller.
    pub from_the_start: bool,
    /// After how long without a sign of life both count the other as gone.
    pub lost_after: Duration,
    /// It is over within this time: the next call that is made is answered.
    pub again_within: Duration,
}

/// After one second of silence, and what it takes a busy machine to say so.
const LOST: Promise = Promise::Lost(Duration::from_millis(2_500));

/// The server does not hear the caller, and says so by its own silence, which begins after its own second.
const LOST_LATER: Promise = Promise::Lost(Duration::from_millis(3_500));

const EITHER: Promise = Promise::Either(Duration::from_millis(2_500));

const fn fault(name: &'static str, event: Event, promise: Promise, millis: u64) -> Fault {
    let (lasts, again_within) = (Duration::from_millis(millis), Duration::from_secs(7));
    let lost_after = Duration::from_secs(1);
    Fault { name, event, promise, lasts, from_the_start: false, lost_after, again_within }
}

/// With more patience, as suits the internet.
const fn patient(fault: Fault) -> Fault {
    Fault { lost_after: Duration::from_secs(5), ..fault }
}

const fn from_the_start(fault: Fault) -> Fault {
    Fault { from_the_start: true, ..fault }
}

/// All of them.
pub(crate) const FAULTS: [Fault; 21] = [
    fault("nothing", Event::Nothing, Promise::GoesOn, 2_500),
    fault("`kill -9` of the server", Event::Kill, LOST, 3_500),
    fault("half-open: killed, and back at once", Event::HalfOpen, LOST, 3_500),
    fault("SIGSTOP of the server", Event::Freeze, LOST, 3_500),
    fault("SIGSTOP of the caller", Event::FreezeCaller, Promise::Lost(Duration::from_millis(6_000)), 3_500),
    fault("cut", Event::Cut { up: true, down: true }, LOST, 3_500),
    fault("cut to the server alone", Event::Cut { up: true, down: false }, LOST_LATER, 4_500),
    fault("cut to the caller alone", Event::Cut { up: false, down: true }, LOST, 3_500),
    fault("cut for 400 ms", Event::Cut { up: true, down: true }, Promise::GoesOn, 400),
    fault("5 % loss each way", Event::Loss(50), Promise::GoesOn, 3_500),
    from_the_start(fault("5 % loss from the start", Event::Loss(50), Promise::GoesOn, 3_500)),
    fault("200 ms each way", Event::Delay(200), Promise::GoesOn, 3_500),
    from_the_start(fault("200 ms each way from the start", Event::Delay(200), Promise::GoesOn, 3_500)),
    fault("the caller's port changes", Event::Rebind, Promise::GoesOn, 2_500),
    fault("the caller's address changes", Event::CallerMoves, EITHER, 2_500),
    patient(fault(
        "the caller's address changes, lost after 5 s",
        Event::CallerMoves,
        Promise::GoesOn,
        4_500,
    )),
    fault("the server's address changes", Event::ServerMoves, EITHER, 2_500),
    fault("both clocks an hour ahead, and back", Event::Clock(3_600), Promise::GoesOn, 2_500),
    fault("both clocks an hour back, and ahead", Event::Clock(-3_600), Promise::GoesOn, 2_500),
    from_the_start(fault("a slow reader", Event::SlowReader, Promise::GoesOn, 2_500)),
    fault("a full disk", Event::FullDisk, Promise::GoesOn, 2_500),
];

/// Those that are tried in every run of the tests.
pub(crate) const SHORT: [&str; 2] = ["`kill -9` of the server", "cut"];
