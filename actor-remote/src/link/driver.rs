//! The task that has the connection to a peer.

use super::connect::connect;
use super::flying::{Flying, FlyingCalls};
use super::inflow::Inlet;
use super::watches::{Watches, Watching};
use super::{Command, Outgoing, Target, Whence};
use crate::bulk::{self, Arrivals};
use crate::failure::too_large;
use crate::key::Key;
use crate::node::Settings;
use crate::wire::{self, Ask, Frames, Hello, INLINE, close};
use actor_core::remote::{Content, Entry};
use actor_core::{CallError, Part, RemoteError};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use iroh::endpoint::{Connection, RecvStream, SendStream, VarInt};
use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// How much may lie in the outgoing buffer before more calls are put in.
const BATCH: usize = 64 * 1024;

/// How many commands are looked at in one go.
const COMMANDS: usize = 256;

/// Waits between attempts to reach a peer: the first, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

type Commands = mpsc::UnboundedReceiver<Command>;

/// Connects whenever there is something to send, until nobody is left who could.
pub(super) async fn drive(whence: Whence, peer: Key, settings: Arc<Settings>, mut commands: Commands) {
    let mut backoff = BACKOFF.0;
    // What was not sent on the connection before.
    let mut backlog = VecDeque::new();
    loop {
        let Some(command) = next(&mut backlog, &mut commands).await else { return };
        if !command.opens() {
            continue;
        }
        match connect(&whence, peer, &settings).await {
            Ok((connection, hello)) => {
                backoff = BACKOFF.0;
                let Ok((send, recv)) = connection.open_bi().await else {
                    command.fail(&lost_before());
                    continue;
                };
                backlog.push_front(command);
                whence.peers.add(peer, &connection);
                let lane = Lane::new(connection.clone(), hello, &settings, backlog);
                backlog = lane.run(&mut commands, send, recv).await;
                whence.peers.remove(peer, &connection);
            }
            Err(error) => {
                command.fail(&error);
                let until = Instant::now() + backoff;
                backoff = match fail_until(until, &mut backlog, &mut commands, &error).await {
                    Pause::Over => (backoff * 2).min(BACKOFF.1),
                    Pause::Void => BACKOFF.0,
                };
            }
        }
    }
}

fn lost_before() -> RemoteError {
    RemoteError::ConnectionLost { started: actor_core::Started::No }
}

/// The next one: first those that wait already.
async fn next(backlog: &mut VecDeque<Command>, commands: &mut Commands) -> Option<Command> {
    match backlog.pop_front() {
        Some(command) => Some(command),
        None => commands.recv().await,
    }
}

/// How a pause ended.
enum Pause {
    /// Or it is likely that the next attempt does not fail.
    Over,
    /// What the last attempt came to says nothing of the next.
    Void,
}

/// Whatever comes before the next attempt hears why the last one failed; but for what makes it likely that the next one does not.
async fn fail_until(
    until: Instant,
    backlog: &mut VecDeque<Command>,
    commands: &mut Commands,
    error: &RemoteError,
) -> Pause {
    let mut pause = std::pin::pin!(sleep_until(until));
    loop {
        tokio::select! {
            command = next(backlog, commands) => match command {
                Some(Command::Watch(watching)) if watching.is_promising() => {
                    backlog.push_front(Command::Watch(watching));
                    return Pause::Over;
                }
                Some(Command::Retry) => return Pause::Void,
                Some(command) => command.fail(error),
                None => return Pause::Over,
            },
            () = &mut pause => return Pause::Over,
        }
    }
}

pub(super) type Later<T> = FuturesUnordered<Pin<Box<dyn Future<Output = T> + Send>>>;

/// What happens on a connection.
pub(super) struct Lane {
    connection: Connection,
    pub(super) hello: Hello,
    pub(super) limit: u64,
    /// The messages that have numbers here, by their senders.
    targets: HashMap<u64, HashMap<u32, u32>>,
    /// How many numbers were given.
    numbers: u32,
    pub(super) flying: FlyingCalls,
    pub(super) inlets: HashMap<(u64, u32), Inlet>,
    pub(super) watches: Watches,
    /// Calls that must wait until fewer are under way, and what is in order with them.
    backlog: VecDeque<Command>,
    out: Vec<u8>,
    /// How much was put into `out`, and how much of that has been written.
    put: u64,
    written: u64,
    uploads: Later<()>,
    /// Streams with bodies, and what was read from those whose call is known.
    arrivals: Arrivals,
    pub(super) waiting: HashMap<u64, RecvStream>,
    pub(super) downloads: Later<(u64, Option<Vec<u8>>)>,
}

impl Lane {
    fn new(connection: Connection, hello: Hello, settings: &Settings, backlog: VecDeque<Command>) -> Self {
        Lane {
            arrivals: Arrivals::of(&connection),
            connection,
            hello,
            limit: settings.limits.bytes,
            targets: HashMap::new(),
            numbers: 0,
            flying: FlyingCalls::default(),
            inlets: HashMap::new(),
            watches: Watches::default(),
            backlog,
            out: Vec::new(),
            put: 0,
            written: 0,
            uploads: FuturesUnordered::new(),
            waiting: HashMap::new(),
            downloads: FuturesUnordered::new(),
        }
    }

    /// Until the connection goes, or nobody is left who could send anything; what was not sent by then.
    async fn run(
        mut self,
        commands: &mut Commands,
        mut send: SendStream,
        mut recv: RecvStream,
    ) -> VecDeque<Command> {
        let mut frames = Frames::default();
        let mut buffer = vec![0; BATCH];
        let mut batch = Vec::new();
        let code = loop {
            self.watches.settle(&self.flying);
            self.take_those_that_wait();
            tokio::select! {
                // What is under way comes before what is new.
                biased;
                read = recv.read(&mut buffer) => match read {
                    Ok(Some(length)) => {
                        frames.feed(buffer.get(..length).unwrap_or_default());
                        if !self.hear_all(&mut frames) {
                            break close::PROTOCOL;
                        }
                    }
                    Ok(None) | Err(_) => break close::DONE,
                },
                wrote = send.write(&self.out), if !self.out.is_empty() => match wrote {
                    Ok(length) => {
                        self.out.drain(..length);
                        self.written += length as u64;
                    }
                    Err(_) => break close::DONE,
                },
                arrived = self.arrivals.next() => match arrived {
                    Some((id, stream)) => self.arrived(id, stream),
                    None => break close::DONE,
                },
                Some((id, body)) = self.downloads.next() => self.downloaded(id, body),
                Some(()) = self.uploads.next() => {}
                count = commands.recv_many(&mut batch, COMMANDS), if self.out.len() < BATCH => {
                    if count == 0 {
                        break close::DONE;
                    }
                    batch.drain(..).for_each(|command| self.take_or_keep(command));
                }
            }
        };
        self.flying.lose(self.written);
        for (_, inlet) in self.inlets.drain() {
            let started = actor_core::Started::Yes;
            inlet.end(Some(CallError::Remote(RemoteError::ConnectionLost { started })));
        }
        self.watches.lose();
        self.connection.close(VarInt::from_u32(code), b"");
        self.backlog
    }

    /// Whether one call more may be under way there.
    fn has_room(&self) -> bool {
        self.flying.len() + self.inlets.len() < self.hello.calls as usize
    }

    /// What is in order with calls waits with them for room; what makes room does not.
    fn take_or_keep(&mut self, command: Command) {
        let waits = match &command {
            Command::Send(_) => !self.backlog.is_empty() || !self.has_room(),
            Command::Watch(_) | Command::Forget(_) => !self.backlog.is_empty(),
            Command::Cancel(_) | Command::Credit(..) | Command::Close(..) | Command::Retry => false,
        };
        match waits {
            true => self.backlog.push_back(command),
            false => self.take(command),
        }
    }

    fn take_those_that_wait(&mut self) {
        while self.out.len() < BATCH && self.has_room() {
            let Some(command) = self.backlog.pop_front() else { return };
            self.take(command);
        }
    }

    fn take(&mut self, command: Command) {
        match command {
            Command::Send(call) => self.send(call),
            Command::Cancel(id) => self.cancel(id),
            Command::Credit(id, stream, items, bytes) => self.credit((id, stream), items, bytes),
            Command::Close(id, stream) => self.close(id, stream),
            Command::Watch(watching) => self.watch(watching),
            Command::Forget(sender) => self.forget(sender),
            Command::Retry => {}
        }
    }

    fn put(&mut self, ask: &Ask<'_>, body: &[u8]) {
        let before = self.out.len();
        wire::put(&mut self.out, ask, body);
        self.put += (self.out.len() - before) as u64;
    }

    fn send(&mut self, call: Outgoing) {
        let Outgoing { id, target, message, content, until, is_tell, answer, link } = call;
        let Content { body, parcel } = content;
        if answer.is_closed() {
            return;
        }
        let within = until.map(|until| until.saturating_duration_since(Instant::now()));
        if within.is_some_and(|within| within.is_zero()) {
            let _ = answer.send(Err(CallError::TimedOut { started: false }));
            return;
        }
        let bytes = body.bytes().len() as u64;
        if bytes > self.hello.bytes {
            let (part, limit) = (Part::Request, self.hello.bytes);
            let _ = answer.send(Err(too_large(part, bytes, limit)));
            return;
        }
        let number = self.number(&target, &message);
        let within = within.map(|within| u64::try_from(within.as_micros()).unwrap_or(u64::MAX));
        let is_apart = body.bytes().len() > INLINE;
        let apart = is_apart.then_some(bytes);
        let here = if is_apart { &[] } else { body.bytes() };
        let ask = match is_tell {
            true => Ask::Tell { id, target: number, apart },
            false => Ask::Call { id, target: number, within, apart },
        };
        self.put(&ask, here);
        let all = is_apart.then(|| Arc::new(AtomicBool::new(false)));
        if let Some(all) = all.clone() {
            let connection = self.connection.clone();
            self.uploads.push(Box::pin(async move {
                if bulk::send(connection, id, body).await {
                    all.store(true, Ordering::Release);
                }
            }));
        }
        let (ends_at, streams) = (self.put, Vec::new());
        let call = Flying {
            target,
            message,
            _parcel: parcel,
            answer,
            link,
            ends_at,
            apart: all,
            has_started: false,
            reply: None,
            streams,
        };
        self.flying.insert(id, call);
    }

    /// The target's number on this connection.
    fn number(&mut self, target: &Target, message: &Entry) -> u32 {
        let of_sender = self.targets.entry(target.sender).or_default();
        if let Some(number) = of_sender.get(&message.index) {
            return *number;
        }
        let number = self.numbers;
        self.numbers = number.wrapping_add(1);
        of_sender.insert(message.index, number);
        let Entry { name: message, fingerprint, .. } = message;
        let (sender, actor) = (target.sender, target.actor.whom());
        let ask = Ask::Target { target: number, sender, actor, message, fingerprint: *fingerprint };
        self.put(&ask, &[]);
        number
    }

    fn watch(&mut self, watching: Watching) {
        if watching.is_wanted() {
            let target = Arc::clone(&watching.target);
            let watch = self.watches.insert(watching);
            self.put(&Ask::Watch { watch, actor: target.actor.whom() }, &[]);
        }
    }

    fn forget(&mut self, sender: u64) {
        for watch in self.watches.forget(sender) {
            self.put(&Ask::Unwatch { watch }, &[]);
        }
        for target in self.targets.remove(&sender).into_iter().flat_map(HashMap::into_values) {
            self.put(&Ask::Forget { target }, &[]);
        }
    }

    fn cancel(&mut self, id: u64) {
        if self.flying.forget(id) {
            self.waiting.remove(&id);
            self.put(&Ask::Cancel { id }, &[]);
        }
    }

    fn credit(&mut self, (id, stream): (u64, u32), items: u32, bytes: u64) {
        if let Some(inlet) = self.inlets.get_mut(&(id, stream)) {
            inlet.credit(items, bytes);
            self.put(&Ask::Credit { id, stream, items, bytes }, &[]);
        }
    }

    fn close(&mut self, id: u64, stream: u32) {
        if self.inlets.remove(&(id, stream)).is_some() {
            self.put(&Ask::Close { id, stream }, &[]);
        }
    }
}
