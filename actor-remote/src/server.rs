//! The serving side: who comes, and what is done for them.
//!
//! One task a connection. It never waits for an actor: a message goes into its mailbox at once or is refused, and what is under way is polled
//! beside the reading.

mod flows;
mod held;

use crate::bulk;
use crate::handles::{Lease, PeerPorter};
use crate::key::Key;
use crate::link::Actor;
use crate::node::{Inner, NAME, Named};
use crate::wire::{self, Answer, Ask, Ended, Failure, Frames, Hello, INLINE, Whom, close, cut};
use actor_core::luggage::Parcel;
use actor_core::remote::{Body, Call, Porter, Reply, Service};
use actor_core::{CallError, ExitReason, Progress};
use flows::{Flowed, Flows};
use futures_util::future::{AbortHandle, Aborted, abortable};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use held::Held;
use iroh::endpoint::{Connection, Incoming, RecvStream, SendStream, VarInt};
use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How much is read in one go.
const BATCH: usize = 64 * 1024;

/// Who has opened a connection must say something within this time.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many of the largest bodies are read at a time: what else comes waits where it is.
const AT_A_TIME: u64 = 2;

/// How often it is looked whether calls have started.
const LOOKS: Duration = Duration::from_millis(2);

/// How much may be said that is not read.
const UNREAD: usize = 1024 * 1024;

/// Messages of actors that one connection may name at a time, and how long a message's name may be.
const TARGETS: usize = 8 * 1024;
const MESSAGE: usize = 1024;

/// Lets somebody in, or not.
pub(crate) async fn welcome(node: Arc<Inner>, incoming: Incoming) {
    let Ok(accepting) = incoming.accept() else { return };
    let Ok(Ok(connection)) = timeout(PATIENCE, accepting).await else { return };
    let peer = Key(connection.remote_id());
    let refuse = |code, why: &[u8]| connection.close(VarInt::from_u32(code), why);
    if !node.allows(peer) {
        return refuse(close::REFUSED, b"refused");
    }
    let Some(_place) = node.enter(peer) else {
        return refuse(close::LIMIT, b"too many connections");
    };
    let is_the_way = node.peers.has_come(peer, &connection).await;
    if !is_the_way {
        return refuse(close::AGAIN, b"connect again");
    }
    node.peers.add(peer, &connection);
    let limits = &node.settings.limits;
    let hello = Hello { calls: limits.calls, bytes: limits.bytes };
    let Ok(Ok(lane)) = timeout(PATIENCE, begin(&connection, hello)).await else {
        return refuse(close::PROTOCOL, b"nothing was said");
    };
    let served = Serving::new(Arc::clone(&node), peer, connection.clone());
    let code = served.run(lane).await;
    connection.close(VarInt::from_u32(code), b"");
    node.peers.remove(peer, &connection);
}

async fn begin(connection: &Connection, hello: Hello) -> Result<(SendStream, RecvStream), ()> {
    let mut stream = connection.open_uni().await.map_err(drop)?;
    let bytes = postcard::to_allocvec(&hello).map_err(drop)?;
    stream.write_all(&bytes).await.map_err(drop)?;
    stream.finish().map_err(drop)?;
    connection.accept_bi().await.map_err(drop)
}

type Later<T> = FuturesUnordered<Pin<Box<dyn Future<Output = T> + Send>>>;

/// What a number stands for on this connection.
struct Target {
    sender: u64,
    actor: Actor,
    message: String,
    fingerprint: u64,
    /// It is looked up when it is first used, and again when that actor has gone.
    known: Mutex<Option<(Found, u32)>>,
}

/// Who was asked for.
#[derive(Clone)]
enum Found {
    Named(Arc<Named>),
    Lent(Arc<Lease>),
}

impl Found {
    fn service(&self) -> &Arc<dyn Service> {
        match self {
            Found::Named(named) => &named.service,
            Found::Lent(lease) => &lease.service,
        }
    }

    fn is_current(&self) -> bool {
        match self {
            Found::Named(named) => named.is_current(),
            Found::Lent(_) => true,
        }
    }
}

type Served = Result<Reply, CallError>;

fn is_too_long(actor: Whom<'_>) -> bool {
    match actor {
        Whom::Name(name) => name.len() > NAME,
        Whom::Lease(_) => false,
    }
}

/// A message that was read.
struct Request {
    id: u64,
    target: Arc<Target>,
    /// `None` for a tell.
    within: Option<Option<Duration>>,
}

/// One whose end is to be told.
struct Watch {
    handle: AbortHandle,
    /// It lives for this one.
    _lease: Option<Arc<Lease>>,
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
    arriving: Later<Option<(u64, RecvStream)>>,
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
            arriving: FuturesUnordered::new(),
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
                stream = self.connection.accept_uni() => match stream {
                    Ok(mut stream) => self.arriving.push(Box::pin(async move {
                        bulk::id(&mut stream).await.map(|id| (id, stream))
                    })),
                    Err(_) => return close::DONE,
                },
                Some(arrived) = self.arriving.next() => {
                    if let Some((id, stream)) = arrived {
                        self.arrived(id, stream);
                    }
                }
                // What flows waits until what was said has been sent.
                flowed = self.flows.next(), if self.out.len() < BATCH => self.flowed(flowed),
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
            Ask::Credit { id, stream, items } => {
                self.flows.credit((id, stream), items);
                Ok(())
            }
            Ask::Close { id, stream } => {
                self.flows.close((id, stream));
                Ok(())
            }
        }
    }

    fn watch(&mut self, watch: u32, actor: Whom<'_>) -> Result<(), u32> {
        if is_too_long(actor) {
            return Err(close::LIMIT);
        }
        if self.watches.contains_key(&watch) {
            return Err(close::PROTOCOL);
        }
        let is_full = self.watches.len() >= self.node.settings.limits.watches as usize;
        match self.look_up(&Actor::from(actor)) {
            Some(_) if is_full => self.unseen(watch, Failure::Full),
            Some(found) => {
                let (stopped, handle) = abortable(found.service().stopped());
                let _lease = match found {
                    Found::Lent(lease) => Some(lease),
                    Found::Named(_) => None,
                };
                self.watches.insert(watch, Watch { handle, _lease });
                self.ends.push(Box::pin(async move { (watch, stopped.await) }));
            }
            None => self.unseen(watch, Failure::NoSuchActor),
        }
        Ok(())
    }

    fn unseen(&mut self, watch: u32, why: Failure) {
        self.put(&Answer::Ended { watch, how: Ended::Unseen(why) }, &[]);
    }

    /// It has answered all its callers before it ended, and so that is said before.
    fn ended(&mut self, watch: u32, reason: ExitReason) {
        if self.watches.remove(&watch).is_none() {
            return;
        }
        while let Some(Some((id, outcome))) = self.running.next().now_or_never() {
            if let Ok(outcome) = outcome {
                self.answer(id, outcome);
            }
        }
        self.put(&Answer::Ended { watch, how: reason.into() }, &[]);
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

    /// Reading begins when its call is known: until then its sender has no more room than the window.
    fn arrived(&mut self, id: u64, stream: RecvStream) {
        // One that is waited for no more, or never was, is dropped, which stops its sender.
        if self.held.expected(id).is_some() || self.last.is_none_or(|last| id > last) {
            self.waiting.insert(id, stream);
            self.download(id);
        }
    }

    fn download(&mut self, id: u64) {
        let Some(bytes) = self.held.expected(id) else { return };
        if self.reading > 0 && self.reading + bytes > AT_A_TIME * self.node.settings.limits.bytes {
            return self.later.push_back(id);
        }
        if let Some(stream) = self.waiting.remove(&id) {
            self.reading += bytes;
            self.downloads.push(Box::pin(async move { (id, bytes, bulk::receive(stream, bytes).await) }));
        }
    }

    fn downloaded(&mut self, id: u64, bytes: u64, body: Option<Vec<u8>>) {
        self.reading -= bytes;
        for id in std::mem::take(&mut self.later) {
            self.download(id);
        }
        self.held.came(id, body);
        self.deliver_held();
    }

    /// The body of this one will not come.
    fn let_go(&mut self, id: u64) {
        self.held.came(id, None);
        self.deliver_held();
    }

    fn deliver_held(&mut self) {
        while let Some((request, body)) = self.held.next() {
            match body {
                Some(body) => self.deliver(&request, &body),
                None => {
                    let reason = "its body was cut off".to_owned();
                    self.fail(request.id, Failure::Codec { reply: false, reason });
                }
            }
        }
    }

    /// Its turn has come: into the mailbox.
    fn deliver(&mut self, request: &Request, body: &[u8]) {
        let Request { id, target, within } = request;
        let (id, within) = (*id, *within);
        // One that was cancelled while it waited for its body is no more.
        if !self.calls.contains_key(&id) {
            return;
        }
        let delivered = self.find(target).and_then(|(service, index)| match within {
            Some(within) => service.call(index, body, within, &self.porter).map(Some).map_err(Failure::of),
            None => service.tell(index, body, &self.porter).map(|()| None).map_err(Failure::of),
        });
        match delivered {
            Ok(Some(Call { progress, reply })) => {
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

    /// The actor, and the message's number here.
    fn find(&self, target: &Target) -> Result<(Arc<dyn Service>, u32), Failure> {
        let mut known = target.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((found, index)) = &*known
            && found.is_current()
        {
            return Ok((Arc::clone(found.service()), *index));
        }
        let found = self.look_up(&target.actor).ok_or(Failure::NoSuchActor)?;
        let service = Arc::clone(found.service());
        let entry = service.message(&target.message).ok_or(Failure::Mismatch(None))?;
        if entry.fingerprint != target.fingerprint {
            return Err(Failure::Mismatch(Some((entry.fingerprint, cut(entry.text.clone())))));
        }
        let index = entry.index;
        *known = Some((found, index));
        Ok((service, index))
    }

    /// Whoever was only lent something finds nothing else.
    fn look_up(&self, actor: &Actor) -> Option<Found> {
        match actor {
            Actor::Name(name) if self.node.knows(self.peer) => self.node.service(name).map(Found::Named),
            Actor::Name(_) => None,
            Actor::Lease(id) => self.node.leases.find(self.peer, id).map(Found::Lent),
        }
    }

    fn answer(&mut self, id: u64, outcome: Served) {
        if self.calls.remove(&id).is_none() {
            return;
        }
        // What is given with it lives for a while from now on: that is enough to take it.
        let (body, streams, _parcel): (Body, _, Parcel) = match outcome {
            Ok(Reply { body, streams, parcel }) => (body, streams.0, parcel),
            Err(error) => return self.put(&Answer::Failed { id, why: Failure::of(error) }, &[]),
        };
        let (bytes, limit) = (body.bytes().len() as u64, self.node.settings.limits.bytes);
        if bytes > limit {
            let why = Failure::TooLarge { reply: true, bytes, limit };
            return self.put(&Answer::Failed { id, why }, &[]);
        }
        // There are as many as have numbers.
        let count = u32::try_from(streams.len()).unwrap_or(u32::MAX);
        if body.bytes().len() > INLINE {
            let apart = Some(bytes);
            self.put(&Answer::Reply { id, apart, streams: count }, &[]);
            self.upload(id, body);
        } else {
            self.put(&Answer::Reply { id, apart: None, streams: count }, body.bytes());
        }
        for (number, stream) in (0..count).zip(streams) {
            self.flows.begin((id, number), stream);
        }
    }

    fn flowed(&mut self, ((id, stream), item): Flowed) {
        let limit = self.node.settings.limits.bytes;
        let too_large = |item: &[u8]| (item.len() as u64 > limit).then_some(item.len() as u64);
        match item {
            Some(Ok(item)) => match too_large(&item) {
                None => {
                    let mut parts = item.chunks(INLINE).peekable();
                    loop {
                        let part = parts.next().unwrap_or_default();
                        let more = parts.peek().is_some();
                        self.put(&Answer::Item { id, stream, more }, part);
                        if !more {
                            return;
                        }
                    }
                }
                Some(bytes) => {
                    self.flows.close((id, stream));
                    let why = Some(Failure::TooLarge { reply: true, bytes, limit });
                    self.put(&Answer::End { id, stream, why }, &[]);
                }
            },
            Some(Err(error)) => {
                let why = Some(Failure::of(error));
                self.put(&Answer::End { id, stream, why }, &[]);
            }
            None => self.put(&Answer::End { id, stream, why: None }, &[]),
        }
    }

    fn upload(&mut self, id: u64, body: Body) {
        let connection = self.connection.clone();
        self.uploads.push(Box::pin(async move {
            // If it cannot be sent, its caller has gone, or the connection has.
            bulk::send(connection, id, body).await;
        }));
    }

    fn fail(&mut self, id: u64, why: Failure) {
        self.calls.remove(&id);
        self.put(&Answer::Failed { id, why }, &[]);
    }

    fn put(&mut self, answer: &Answer, body: &[u8]) {
        wire::put(&mut self.out, answer, body);
    }
}
