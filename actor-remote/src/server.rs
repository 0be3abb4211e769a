//! The serving side: who comes, and what is done for them.
//!
//! One task a connection. It never waits for an actor: a message goes into its mailbox at once or is refused, and what is under way is polled
//! beside the reading. Only a handler that is known to be short is run here, where the actor is idle and nothing else is under way.

mod answers;
mod bodies;
mod flows;
mod held;
mod targets;
mod watches;
mod welcome;

use crate::bulk::Arrivals;
use crate::handles::PeerPorter;
use crate::key::Key;
use crate::link::Actor;
use crate::node::Inner;
use crate::wire::{self, Answer, Ask, Failure, Frames, close};
use actor_core::remote::{Call, Porter, Reply};
use actor_core::{CallError, ExitReason, Progress};
use flows::Flows;
use futures_util::future::{AbortHandle, Aborted, abortable};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use held::Held;
use iroh::endpoint::{Connection, RecvStream, SendStream};
use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use targets::{Target, is_too_long};
use tokio::time::{MissedTickBehavior, interval};
use watches::Watch;
pub(crate) use welcome::welcome;

/// How much is read in one go.
const BATCH: usize = 64 * 1024;

/// How often it is looked whether calls have started.
const LOOKS: Duration = Duration::from_millis(2);

/// How much may be said that is not read.
const UNREAD: usize = 1024 * 1024;

/// Messages of actors that one connection may name at a time, and how long a message's name may be.
const TARGETS: usize = 8 * 1024;
const MESSAGE: usize = 1024;

type Later<T> = FuturesUnordered<Pin<Box<dyn Future<Output = T> + Send>>>;

type Served = Result<Reply, CallError>;

/// A message that was read.
struct Request {
    id: u64,
    target: Arc<Target>,
    /// `None` for a tell.
    within: Option<Option<Duration>>,
}

struct Serving {
    node: Arc<Inner>,
    peer: Key,
    porter: Arc<dyn Porter>,
    connection: Connection,
    targets: HashMap<u32, Arc<Target>>,
    /// The number of the last call: they grow.
    last: Option<u64>,
    /// Under way, by the number of the call; those that wait for their bodies have no handle yet.
    calls: HashMap<u64, Option<AbortHandle>>,
    /// Those whose start has not been said, since the last look.
    unsaid: Vec<(u64, Progress)>,
    running: Later<(u64, Result<Served, Aborted>)>,
    /// Those whose ends are to be told, by the numbers that were given them.
    watches: HashMap<u32, Watch>,
    ends: Later<(u32, Result<ExitReason, Aborted>)>,
    held: Held<Request>,
    flows: Flows,
    out: Vec<u8>,
    uploads: Later<()>,
    arrivals: Arrivals,
    waiting: HashMap<u64, RecvStream>,
    downloads: Later<(u64, u64, Option<Vec<u8>>)>,
    /// The bytes of the bodies that are being read, and those whose turn comes when there are fewer.
    reading: u64,
    later: VecDeque<u64>,
}

impl Serving {
    fn new(node: Arc<Inner>, peer: Key, connection: Connection) -> Self {
        Serving {
            porter: Arc::new(PeerPorter::of_caller(Arc::downgrade(&node), peer, &connection)),
            node,
            peer,
            arrivals: Arrivals::of(&connection),
            connection,
            targets: HashMap::new(),
            last: None,
            calls: HashMap::new(),
            unsaid: Vec::new(),
            running: FuturesUnordered::new(),
            watches: HashMap::new(),
            ends: FuturesUnordered::new(),
            held: Held::default(),
            flows: Flows::default(),
            out: Vec::new(),
            uploads: FuturesUnordered::new(),
            waiting: HashMap::new(),
            downloads: FuturesUnordered::new(),
            reading: 0,
            later: VecDeque::new(),
        }
    }

    /// Until the connection goes; with which code it is to be closed.
    async fn run(mut self, (mut send, mut recv): (SendStream, RecvStream)) -> u32 {
        let mut frames = Frames::default();
        let mut buffer = vec![0; BATCH];
        let node = Arc::clone(&self.node);
        let mut looks = interval(LOOKS);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut banned = std::pin::pin!(node.banned(self.peer));
        loop {
            tokio::select! {
                // Whoever does not read what is said is not heard any more.
                read = recv.read(&mut buffer), if self.out.len() < UNREAD => match read {
                    Ok(Some(length)) => {
                        frames.feed(buffer.get(..length).unwrap_or_default());
                        if let Err(code) = self.hear_all(&mut frames) {
                            return code;
                        }
                    }
                    Ok(None) | Err(_) => return close::DONE,
                },
                wrote = send.write(&self.out), if !self.out.is_empty() => match wrote {
                    Ok(length) => drop(self.out.drain(..length)),
                    Err(_) => return close::DONE,
                },
                Some((id, outcome)) = self.running.next() => {
                    if let Ok(outcome) = outcome {
                        self.answer(id, outcome);
                    }
                }
                Some((watch, end)) = self.ends.next() => {
                    if let Ok(reason) = end {
                        self.ended(watch, reason);
                    }
                }
                arrived = self.arrivals.next() => match arrived {
                    Some((id, stream)) => self.arrived(id, stream),
                    None => return close::DONE,
                },
                // What flows waits until what was said has been sent.
                flowed = self.flows.next(), if self.out.len() < BATCH => self.flowed_all(flowed),
                Some((id, bytes, body)) = self.downloads.next() => self.downloaded(id, bytes, body),
                Some(()) = self.uploads.next() => {}
                _ = looks.tick(), if !self.unsaid.is_empty() => self.say_what_started(),
                () = &mut banned => return close::REFUSED,
            }
        }
    }

    /// What is answered soon is not said to have started: that goes with the reply.
    fn say_what_started(&mut self) {
        for (id, progress) in std::mem::take(&mut self.unsaid) {
            match self.calls.contains_key(&id) {
                true if progress.is_running() => self.put(&Answer::Started { id }, &[]),
                true => self.unsaid.push((id, progress)),
                false => {}
            }
        }
    }

    fn hear_all(&mut self, frames: &mut Frames) -> Result<(), u32> {
        loop {
            match frames.next() {
                Ok(Some(frame)) => {
                    let (ask, body) = wire::take(frame).map_err(|_| close::PROTOCOL)?;
                    self.hear(ask, body)?;
                }
                Ok(None) => return Ok(()),
                Err(_) => return Err(close::PROTOCOL),
            }
        }
    }

    fn hear(&mut self, ask: Ask<'_>, body: &[u8]) -> Result<(), u32> {
        match ask {
            Ask::Target { target, sender, actor, message, fingerprint } => {
                if self.targets.len() >= TARGETS || is_too_long(actor) || message.len() > MESSAGE {
                    return Err(close::LIMIT);
                }
                let (actor, message) = (Actor::from(actor), message.to_owned());
                let named = Target { sender, actor, message, fingerprint, known: Mutex::default() };
                match self.targets.insert(target, Arc::new(named)) {
                    None => Ok(()),
                    Some(_) => Err(close::PROTOCOL),
                }
            }
            Ask::Call { id, target, within, apart } => {
                let within = Some(within.map(Duration::from_micros));
                self.request(id, target, within, apart, body)
            }
            Ask::Tell { id, target, apart } => self.request(id, target, None, apart, body),
            Ask::Forget { target } => match self.targets.remove(&target) {
                Some(_) => Ok(()),
                None => Err(close::PROTOCOL),
            },
            Ask::Watch { watch, actor } => self.watch(watch, actor),
            Ask::Unwatch { watch } => {
                // If there is none, its end is on its way.
                if let Some(watch) = self.watches.remove(&watch) {
                    watch.handle.abort();
                }
                Ok(())
            }
            Ask::Cancel { id } => {
                if let Some(handle) = self.calls.remove(&id) {
                    match handle {
                        Some(handle) => handle.abort(),
                        // It is looked over when its turn comes.
                        None => drop(self.waiting.remove(&id)),
                    }
                    self.let_go(id);
                }
                self.flows.close_all(id);
                Ok(())
            }
            Ask::Credit { id, stream, items, bytes } => {
                self.flows.credit((id, stream), items, bytes);
                Ok(())
            }
            Ask::Close { id, stream } => {
                self.flows.close((id, stream));
                Ok(())
            }
        }
    }

    fn request(
        &mut self,
        id: u64,
        target: u32,
        within: Option<Option<Duration>>,
        apart: Option<u64>,
        body: &[u8],
    ) -> Result<(), u32> {
        let Some(target) = self.targets.get(&target) else { return Err(close::PROTOCOL) };
        if self.last.is_some_and(|last| id <= last) {
            return Err(close::PROTOCOL);
        }
        if self.calls.len() + self.flows.len() >= self.node.settings.limits.calls as usize {
            return Err(close::LIMIT);
        }
        let sender = target.sender;
        let request = Request { id, target: Arc::clone(target), within };
        self.last = Some(id);
        self.calls.insert(id, None);
        match apart {
            Some(bytes) if bytes > self.node.settings.limits.bytes => {
                let limit = self.node.settings.limits.bytes;
                self.waiting.remove(&id);
                self.fail(id, Failure::TooLarge { reply: false, bytes, limit });
            }
            Some(bytes) => {
                self.held.expect(sender, id, bytes, request);
                self.download(id);
            }
            // Behind one whose body is on its way, in order.
            None if self.held.is_held(sender) => self.held.queue(sender, request, body.to_vec()),
            None => self.deliver(&request, body),
        }
        Ok(())
    }

    /// Its turn has come: into the mailbox.
    fn deliver(&mut self, request: &Request, body: &[u8]) {
        let Request { id, target, within } = request;
        let (id, within) = (*id, *within);
        // One that was cancelled while it waited for its body is no more.
        if !self.calls.contains_key(&id) {
            return;
        }
        // Where nobody else waits here, a short handler need not be waited for.
        let is_alone = self.calls.len() == 1 && self.flows.is_empty();
        let delivered = self.find(target).and_then(|(service, index)| match within {
            Some(within) => {
                let called = match is_alone {
                    true => service.call_here(index, body, within, &self.porter),
                    false => service.call(index, body, within, &self.porter),
                };
                called.map(Some).map_err(Failure::of)
            }
            None => service.tell(index, body, &self.porter).map(|()| None).map_err(Failure::of),
        });
        match delivered {
            Ok(Some(Call { progress, mut reply })) => {
                if is_alone && let Some(outcome) = (&mut reply).now_or_never() {
                    return self.answer(id, outcome);
                }
                let (served, handle) = abortable(reply);
                self.calls.insert(id, Some(handle));
                self.unsaid.push((id, progress));
                self.running.push(Box::pin(async move { (id, served.await) }));
            }
            Ok(None) => {
                self.calls.remove(&id);
                self.put(&Answer::Received { id }, &[]);
            }
            Err(why) => self.fail(id, why),
        }
    }

    fn fail(&mut self, id: u64, why: Failure) {
        self.calls.remove(&id);
        self.put(&Answer::Failed { id, why }, &[]);
    }

    fn put(&mut self, answer: &Answer, body: &[u8]) {
        wire::put(&mut self.out, answer, body);
    }
}
