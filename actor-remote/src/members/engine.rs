//! The membership protocol (SWIM), run by an actor: what it sends are messages, and its timers are the actor's.

use super::door::{Announced, DOOR, DoorHandle};
use super::id::{Filter, Id};
use super::times::config;
use super::view::{Gone, Member, View};
use crate::hints::Hints;
use crate::key::Key;
use crate::node::{NAME, Node, lock};
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

/// Names of one member that are taken notice of.
const NAMES: usize = 1024;

/// Members that are asked at a time what they announce: to make many connections at once takes long.
const ASKED: usize = 4;

/// Members that are known at a time, those that have gone among them.
const MEMBERS: usize = 4096;

/// How long a handle of a member is kept that nobody sends anything by.
const IDLE: Duration = Duration::from_secs(10);

/// Another member.
struct Peer {
    id: Id,
    /// What it announces, once it has said that.
    said: Option<(Announced, Arc<BTreeSet<String>>)>,
    /// What it has said is old.
    is_stale: bool,
    is_asked: bool,
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
    doors: HashMap<Key, (DoorHandle, Instant)>,
    /// Where members were that have said so themselves, or others of them.
    places: HashMap<Key, Hints>,
    timers: u64,
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
            doors: HashMap::new(),
            places: HashMap::new(),
            timers: 0,
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
    fn due(&mut self, ctx: &mut Context<Self>, timer: Timer<Id>) {
        if self.has_left {
            return;
        }
        let mut effects = Effects::new();
        // After a pause of the whole program timers may come late, from which it recovers.
        let _ = self.foca.handle_timer(timer, &mut effects);
        self.carry_out(ctx, effects);
    }

    /// Knocks at those who were named in the beginning and are not there: at all of them, or at one after the other if there is company.
    #[message]
    fn seek(&mut self, ctx: &mut Context<Self>, all: bool) {
        let is_alone = self.peers.is_empty();
        let seeds = self.seeds.len();
        self.seeds.rotate_left(seeds.min(1));
        let count = if all || is_alone { seeds } else { 1 };
        let own = self.node.key();
        let missing: Vec<_> = self
            .seeds
            .iter()
            .take(count)
            .filter(|seed| seed.key() != own && !self.peers.contains_key(&seed.key()))
            .cloned()
            .collect();
        for seed in missing {
            // Also so that it is tried at once, whatever has failed before.
            self.node.learn(&seed);
            let mut effects = Effects::new();
            let _ = self.foca.announce(Id::anyone(&seed), &mut effects);
            self.carry_out(ctx, effects);
        }
    }

    /// What has to be looked at now and then.
    #[message]
    fn tidy(&mut self, ctx: &mut Context<Self>) {
        let ticket = self.node.ticket();
        if !self.foca.identity().is_at(&ticket) {
            let mut effects = Effects::new();
            let moved = self.foca.identity().after(&ticket);
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
        self.doors.retain(|_, (_, used)| used.elapsed() < IDLE);
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
                _ => {}
            }
        }
        while let Some((to, packet)) = effects.to_send() {
            self.send(ctx, &to, packet.to_vec());
        }
        while let Some((delay, timer)) = effects.to_schedule() {
            self.timers += 1;
            ctx.after(self.timers, delay, EngineMessage::Due { timer });
        }
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
        let peer = Peer { id, said, is_stale: true, is_asked: false };
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

    /// The way there.
    fn door(&mut self, key: Key) -> DoorHandle {
        let node = &self.node;
        let (door, used) =
            self.doors.entry(key).or_insert_with(|| (DoorHandle::at(node, key, DOOR), Instant::now()));
        *used = Instant::now();
        door.clone()
    }

    fn send(&mut self, ctx: &mut Context<Self>, to: &Id, packet: Vec<u8>) {
        let Some(key) = to.key().filter(|key| *key != self.node.key()) else { return };
        if !self.filter.lets_in(to) {
            return;
        }
        if !self.peers.contains_key(&key) {
            self.locate(key, to);
        }
        let door = self.door(key);
        let version = lock(&self.announced).version;
        let own = self.foca.identity().clone();
        let told = async move { door.packet(own, version, packet).tell().await };
        let to = to.clone();
        ctx.then(told, move |this, ctx, told| {
            // It would be thought dead, and others told so, for nothing but that it does not let this one in.
            if let Err(TellError::Remote(_, RemoteError::Refused)) = told {
                this.down(ctx, to, false);
            }
        });
    }

    /// Asks some of those of whom it is not known what they announce.
    fn ask_on(&mut self, ctx: &mut Context<Self>) {
        let asked = self.peers.values().filter(|peer| peer.is_asked).count();
        let stale = self.peers.iter().filter(|(_, peer)| peer.is_stale && !peer.is_asked);
        let next: Vec<_> = stale.take(ASKED.saturating_sub(asked)).map(|(key, _)| *key).collect();
        next.into_iter().for_each(|key| self.ask(ctx, key));
    }

    /// Asks a member what it announces: so it is seen to be reached, and to be who it is said to be.
    fn ask(&mut self, ctx: &mut Context<Self>, key: Key) {
        let Some(peer) = self.peers.get_mut(&key) else { return };
        (peer.is_asked, peer.is_stale) = (true, false);
        let (generation, within) = (peer.id.generation(), self.pace * 4);
        let door = self.door(key);
        let asked = async move { door.announced().timeout(within).await };
        ctx.then(asked, move |this, ctx, said| {
            let is_said = said.is_ok();
            this.said(key, generation, said);
            if is_said {
                this.ask_on(ctx);
            }
        });
    }

    /// What a member has said, if it is still the same.
    fn said(&mut self, key: Key, generation: u64, said: Result<Announced, CallError>) {
        let peer = self.peers.get_mut(&key).filter(|peer| peer.id.generation() == generation);
        let Some(peer) = peer else { return };
        peer.is_asked = false;
        match said {
            Ok(said) => {
                let names = said.names.iter().filter(|name| name.len() <= NAME).take(NAMES);
                let names = Arc::new(names.cloned().collect());
                peer.said = Some((said, names));
                self.show();
            }
            // It is asked again in a while, as long as it counts as being there.
            Err(_) => peer.is_stale = true,
        }
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
