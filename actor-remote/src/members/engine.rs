//! The membership protocol (SWIM), run by an actor: what it sends are messages, and its timers are the actor's.

mod asks;
mod doubt;
#[cfg(test)]
mod tests;
mod touch;

use super::door::{Announced, DOOR, DoorHandle};
use super::id::{Filter, Id};
use super::times::config;
use super::view::{Gone, Member, View};
use crate::hints::Hints;
use crate::key::Key;
use crate::node::{Node, lock};
use crate::remote::Remote;
use crate::ticket::Ticket;
use actor_core::prelude::*;
use actor_core::{RemoteError, TellError};
use foca::{AccumulatingRuntime, Foca, Identity as _, NoCustomBroadcast, OwnedNotification, State, Timer};
use rand::rngs::StdRng;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Members that are known at a time, those that have gone among them.
const MEMBERS: usize = 4096;

/// How long a handle of a member is kept that nobody sends anything by.
const IDLE: Duration = Duration::from_secs(10);

/// Words that may be on the way to one of them at a time, without a receipt.
const UNDER_WAY: u32 = 8;

/// Another member.
struct Peer {
    id: Id,
    /// What it announces, once it has said that.
    said: Option<(Announced, Arc<BTreeSet<String>>)>,
    /// When it spoke last.
    heard: Instant,
    /// What it has said is old.
    is_stale: bool,
    is_asked: bool,
}

/// The way to another one.
struct Way {
    door: DoorHandle,
    used: Instant,
    /// So many words are on it.
    under_way: u32,
}

#[actor(mailbox = 4096)]
pub(super) struct Engine {
    node: Node,
    filter: Filter,
    foca: Foca<Id, Filter, StdRng, NoCustomBroadcast>,
    pace: Duration,
    seeds: Vec<Ticket>,
    announced: Arc<Mutex<Announced>>,
    view: watch::Sender<Arc<View>>,
    /// Those that are there.
    peers: HashMap<Key, Peer>,
    gone: BTreeMap<Key, Gone>,
    /// The ways to all with whom something was spoken just now, whether they are there or not: to make connections anew costs more than to keep them.
    ways: HashMap<Key, Way>,
    /// Where members were that have said so themselves, or others of them.
    places: HashMap<Key, Hints>,
    timers: u64,
    /// Somebody has spoken to this member as it is now, and it asks others whether they live.
    is_in_touch: bool,
    /// At how many it has knocked while it was not.
    knocks: usize,
    has_left: bool,
}

impl Engine {
    pub(super) fn new(
        node: &Node,
        pace: Duration,
        seeds: Vec<Ticket>,
        announced: Arc<Mutex<Announced>>,
        view: watch::Sender<Arc<View>>,
    ) -> Self {
        let own = Id::of(&node.ticket());
        let filter = Filter::new(node.inner(), own.clone());
        Engine {
            node: node.clone(),
            foca: Foca::new(own, config(pace), rand::make_rng(), filter.clone()),
            filter,
            pace,
            seeds,
            announced,
            view,
            peers: HashMap::new(),
            gone: BTreeMap::new(),
            ways: HashMap::new(),
            places: HashMap::new(),
            timers: 0,
            is_in_touch: false,
            knocks: 0,
            has_left: false,
        }
    }
}

type Effects = AccumulatingRuntime<Id>;

#[actor]
impl Engine {
    #[on_start]
    fn start(&mut self, ctx: &mut Context<Self>) {
        ctx.every("tidy", self.pace, || EngineMessage::Tidy);
        ctx.every("seek", self.pace * 2, || EngineMessage::Seek { all: false });
        self.seek(ctx, true);
        self.show();
    }

    /// A word of the protocol.
    #[message]
    pub(super) fn heard(&mut self, ctx: &mut Context<Self>, from: Id, version: u64, packet: Vec<u8>) {
        if self.has_left || !self.filter.lets_in(&from) {
            return;
        }
        let mut effects = Effects::new();
        // What is none is none of a member's, and has no effect.
        let _ = self.foca.handle_data(&packet, &mut effects);
        self.carry_out(ctx, effects);
        let Some(key) = from.key() else { return };
        let Some(peer) = self.peers.get_mut(&key).filter(|peer| peer.id == from) else { return };
        peer.heard = Instant::now();
        if peer.said.as_ref().is_some_and(|(said, _)| said.version < version) {
            peer.is_stale = true;
            self.ask_on(ctx);
        }
    }

    /// It has said that it goes.
    #[message]
    pub(super) fn left(&mut self, ctx: &mut Context<Self>, who: Id) {
        let Some(key) = who.key() else { return };
        if self.peers.get(&key).is_some_and(|peer| peer.id == who) {
            self.gone.insert(key, Gone::Left);
            self.down(ctx, who, true);
        }
    }

    #[message]
    fn due(&mut self, ctx: &mut Context<Self>, timer: Timer<Id>, at: Instant) {
        if self.has_left {
            return;
        }
        if let Some(later) = self.too_early(&timer, at) {
            self.after(ctx, later, timer);
            return;
        }
        let mut effects = Effects::new();
        // After a pause of the whole program timers may come late, from which it recovers.
        let _ = self.foca.handle_timer(timer, &mut effects);
        self.carry_out(ctx, effects);
    }

    /// Looks for company: at those who were named in the beginning and are not there, and wherever somebody was if nobody speaks to this one.
    #[message]
    fn seek(&mut self, ctx: &mut Context<Self>, all: bool) {
        self.seek_seeds(ctx, all);
        if !self.is_in_touch {
            self.knock(ctx);
        }
    }

    /// What has to be looked at now and then.
    #[message]
    fn tidy(&mut self, ctx: &mut Context<Self>) {
        let ticket = self.node.ticket();
        if !self.foca.identity().is_at(&ticket) {
            let mut effects = Effects::new();
            let moved = self.foca.identity().after(&ticket);
            self.is_in_touch = false;
            let _ = self.foca.change_identity(moved, &mut effects);
            self.carry_out(ctx, effects);
        }
        let forbidden: Vec<_> = self
            .peers
            .values()
            .filter(|peer| !self.filter.lets_in(&peer.id))
            .map(|peer| peer.id.clone())
            .collect();
        for id in forbidden {
            self.down(ctx, id, false);
        }
        self.forget();
        self.ask_on(ctx);
        self.show();
    }

    /// The names that are announced have changed.
    #[message]
    pub(super) fn announce(&mut self) {
        self.show();
        let version = lock(&self.announced).version;
        let own = self.foca.identity().clone();
        for key in self.peers.keys().copied().collect::<Vec<_>>() {
            // Who misses it sees by the next word that there is a newer version.
            let _ = self.door(key).packet(own.clone(), version, Vec::new()).try_tell();
        }
    }

    /// Takes no part any more; who is to be told that, and of whom.
    #[message]
    pub(super) fn leave(&mut self, ctx: &mut Context<Self>) -> (Vec<DoorHandle>, Id) {
        // Else it would say that it lives to those who say that it has gone.
        self.has_left = true;
        ctx.cancel("seek");
        ctx.cancel("tidy");
        let peers: Vec<_> = self.peers.keys().copied().collect();
        (peers.into_iter().map(|key| self.door(key)).collect(), self.foca.identity().clone())
    }
}

impl Engine {
    /// Who is known, those that have gone among them.
    fn known(&self) -> HashSet<[u8; 32]> {
        self.foca.iter_membership_state().map(|member| member.id().addr()).collect()
    }

    /// Forgets what nobody asks for any more.
    fn forget(&mut self) {
        // The connections are closed with the last handles.
        self.ways.retain(|_, way| way.used.elapsed() < IDLE);
        if self.places.len().max(self.gone.len()) > 2 * self.foca.iter_membership_state().len() + 16 {
            let known = self.known();
            self.places.retain(|key, _| known.contains(key.as_bytes()));
            self.gone.retain(|key, _| known.contains(key.as_bytes()));
        }
    }

    /// Does what the protocol wants done.
    fn carry_out(&mut self, ctx: &mut Context<Self>, mut effects: Effects) {
        self.filter.is_now(self.foca.identity());
        let is_full = self.foca.iter_membership_state().len() >= MEMBERS;
        self.filter.only(is_full.then(|| self.known()));
        while let Some(notification) = effects.to_notify() {
            match notification {
                OwnedNotification::MemberUp(id) | OwnedNotification::Rename(_, id) => self.up(ctx, id),
                OwnedNotification::MemberDown(id) => self.lose(&id),
                OwnedNotification::Active => self.is_in_touch = true,
                OwnedNotification::Idle | OwnedNotification::Defunct | OwnedNotification::Rejoin(_) => {
                    self.is_in_touch = false;
                }
            }
        }
        while let Some((to, packet)) = effects.to_send() {
            self.send(ctx, &to, packet.to_vec());
        }
        while let Some((delay, timer)) = effects.to_schedule() {
            self.after(ctx, delay, timer);
        }
    }

    fn after(&mut self, ctx: &mut Context<Self>, delay: Duration, timer: Timer<Id>) {
        self.timers += 1;
        ctx.after(self.timers, delay, EngineMessage::Due { timer, at: Instant::now() + delay });
    }

    /// It is there, or is another one than it was.
    fn up(&mut self, ctx: &mut Context<Self>, id: Id) {
        let Some(key) = id.key() else { return };
        let is_active = self.foca.iter_members().any(|member| member.id() == &id);
        let is_known = self.peers.get(&key).is_some_and(|peer| peer.id == id);
        if is_known || !is_active || !self.filter.lets_in(&id) {
            return;
        }
        self.locate(key, &id);
        // What it has said is shown until it has said it anew.
        let said = self.peers.remove(&key).and_then(|peer| peer.said);
        let peer = Peer { id, said, heard: Instant::now(), is_stale: true, is_asked: false };
        self.peers.insert(key, peer);
        self.gone.remove(&key);
        self.ask_on(ctx);
    }

    fn lose(&mut self, id: &Id) {
        let Some(key) = id.key() else { return };
        // Of another run of it, or of what it was before, that says nothing.
        let is_there = self.foca.iter_members().any(|member| member.id().addr() == id.addr());
        if !is_there && self.peers.remove(&key).is_some() {
            self.gone.entry(key).or_insert(Gone::Lost);
            self.show();
        }
    }

    /// It is not there, whatever others say; `tell` says whether they are to hear that.
    fn down(&mut self, ctx: &mut Context<Self>, id: Id, tell: bool) {
        let incarnation =
            self.foca.iter_members().find(|member| member.id() == &id).map(foca::Member::incarnation);
        let gone = foca::Member::new(id, incarnation.unwrap_or_default(), State::Down);
        let mut effects = Effects::new();
        let _ = self.foca.apply_many(std::iter::once(gone), tell, &mut effects);
        self.carry_out(ctx, effects);
    }

    /// Remembers where it is, in the place of where it was said to be before.
    fn locate(&mut self, key: Key, id: &Id) {
        let places = self.places.entry(key).or_default();
        if places != id.places() {
            self.node.inner().relocate(key, places, id.places());
            places.clone_from(id.places());
        }
    }

    fn way(&mut self, key: Key) -> &mut Way {
        let node = &self.node;
        let new = || Way { door: DoorHandle::at(node, key, DOOR), used: Instant::now(), under_way: 0 };
        let way = self.ways.entry(key).or_insert_with(new);
        way.used = Instant::now();
        way
    }

    fn door(&mut self, key: Key) -> DoorHandle {
        self.way(key).door.clone()
    }

    fn send(&mut self, ctx: &mut Context<Self>, to: &Id, packet: Vec<u8>) {
        let Some(key) = to.key().filter(|key| *key != self.node.key()) else { return };
        if !self.filter.lets_in(to) {
            return;
        }
        if !self.peers.contains_key(&key) {
            self.locate(key, to);
        }
        let way = self.way(key);
        // What is lost is said again; where all are slow, all that waits would make them slower.
        if way.under_way >= UNDER_WAY {
            return;
        }
        way.under_way += 1;
        let door = way.door.clone();
        let version = lock(&self.announced).version;
        let own = self.foca.identity().clone();
        let told = async move { door.packet(own, version, packet).tell().await };
        let to = to.clone();
        ctx.then(told, move |this, ctx, told| {
            if let Some(way) = this.ways.get_mut(&key) {
                way.under_way = way.under_way.saturating_sub(1);
            }
            // It would be thought dead, and others told so, for nothing but that it does not let this one in.
            if let Err(TellError::Remote(_, RemoteError::Refused)) = told {
                this.down(ctx, to, false);
            }
        });
    }

    /// Shows what is seen now.
    fn show(&mut self) {
        let said = self.peers.iter().filter(|(_, peer)| self.filter.lets_in(&peer.id));
        let mut members: BTreeMap<Key, Member> = said
            .filter_map(|(key, peer)| {
                let (said, names) = peer.said.as_ref()?;
                let ticket = peer.id.places().ticket(*key);
                Some((*key, Member { ticket, names: Arc::clone(names), life: said.life }))
            })
            .collect();
        let own = lock(&self.announced).clone();
        let ticket = self.node.ticket();
        members.insert(self.node.key(), Member { ticket, names: Arc::new(own.names), life: own.life });
        let view = View { members, gone: self.gone.clone() };
        self.view.send_if_modified(|shown| {
            let is_news = **shown != view;
            if is_news {
                *shown = Arc::new(view);
            }
            is_news
        });
    }
}
