//! Who belongs together, and who of them is there.

mod follow;

use std::collections::BTreeMap;
use std::sync::Arc;

use actor_core::prelude::*;
use actor_remote::{Key, Node, Remote};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::door::TurnedAway;
use super::reporter::ReporterHandle;
use super::source::SourceHandle;
use super::watch::WatchHandle;
use crate::error::Error;
use crate::net::card::{Card, tidy};
use crate::net::home::Home;
use crate::net::{FOLDER, GROUP};

/// More would be no group; and each is a connection.
const MOST: usize = 128;

/// The members of a group tell each other who belongs to it.
#[actor(derive(Serialize, Deserialize))]
pub(crate) trait Greeter {
    /// `who` is there, and knows `others`. The answer is whom this one knows, itself included.
    ///
    /// Whoever can ask this is a member: all members trust each other with the folder, and so with who else gets it.
    fn greet(&mut self, ctx: &mut Context<Self>, who: Card, others: Vec<Card>) -> Vec<Card>;
}

/// Whether another member can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Presence {
    Here,
    /// Why not.
    Away(String),
}

/// Knows all members of the group, lets them in, and follows each of them.
///
/// Everybody speaks with everybody: what one member has, all others can take from each that has it, and the group goes on whoever
/// leaves. Who comes in by the door of one is told to all others by that one.
#[actor(mailbox = 1024)]
#[derive(Debug)]
pub(crate) struct Group {
    node: Node,
    home: Home,
    me: Card,
    others: BTreeMap<Key, Other>,
    watch: WatchHandle,
    reporter: ReporterHandle,
    /// One for each other, as long as this lives.
    followers: JoinSet<()>,
}

#[derive(Debug)]
struct Other {
    card: Card,
    presence: Presence,
    source: SourceHandle,
    /// Wakes its follower.
    wake: Arc<Notify>,
}

#[actor]
impl Group {
    pub(crate) fn new(
        node: Node,
        home: Home,
        me: Card,
        watch: WatchHandle,
        reporter: ReporterHandle,
    ) -> Self {
        let (others, followers) = (BTreeMap::new(), JoinSet::new());
        Self { node, home, me, others, watch, reporter, followers }
    }

    /// Takes in whom it knew before.
    #[on_start]
    async fn recall(&mut self, ctx: &mut Context<Self>) -> Result<(), Error> {
        let (cards, bad) = self.home.others()?;
        if bad > 0 {
            let line = format!("{bad} of the peers in .filesync/net/group make no sense and are forgotten");
            let _ = self.reporter.warn(line).tell().await;
        }
        for card in cards {
            self.note(ctx, card);
        }
        Ok(())
    }

    /// All members, this one first.
    pub(crate) fn cards(&self) -> Vec<Card> {
        std::iter::once(&self.me).chain(self.others.values().map(|other| &other.card)).cloned().collect()
    }

    /// All others, with whether they are there.
    pub(crate) fn roll(&self) -> Vec<(Card, Presence)> {
        self.others.values().map(|other| (other.card.clone(), other.presence.clone())).collect()
    }

    /// The folders of those who are there, with their names.
    pub(crate) fn present(&self) -> Vec<(String, SourceHandle)> {
        let here = self.others.values().filter(|other| other.presence == Presence::Here);
        here.map(|other| (other.card.name.clone(), other.source.clone())).collect()
    }

    /// Takes somebody in who has shown that he may, and says who is in the group.
    pub(crate) async fn admit(
        &mut self,
        ctx: &mut Context<Self>,
        who: Card,
    ) -> Result<Vec<Card>, TurnedAway> {
        let is_known = self.others.contains_key(&who.key());
        if !is_known && self.others.len() >= MOST {
            return Err(TurnedAway::Full);
        }
        if !is_known {
            let _ = self.reporter.say(format!("{} joins", tidy(&who.name))).tell().await;
        }
        self.learn(ctx, vec![who]);
        Ok(self.cards())
    }

    /// Takes in whom another member knows.
    pub(crate) fn learn(&mut self, ctx: &mut Context<Self>, cards: Vec<Card>) {
        let mut is_news = false;
        for card in cards {
            is_news |= self.note(ctx, card);
        }
        if is_news {
            self.save();
            // So that they hear of it.
            self.others.values().for_each(|other| other.wake.notify_one());
        }
    }

    /// Notes whether somebody can be reached.
    #[message]
    async fn presence(&mut self, key: Key, presence: Presence) {
        let Some(other) = self.others.get_mut(&key) else { return };
        let line = match (&other.presence, &presence) {
            (Presence::Away(_), Presence::Here) => format!("{} is here", other.card.name),
            (Presence::Here, Presence::Away(why)) => format!("{} is away: {why}", other.card.name),
            _ => String::new(),
        };
        other.presence = presence;
        if !line.is_empty() {
            let _ = self.reporter.say(line).tell().await;
        }
    }

    /// A card, which may be old or new; `true` if it says something that was not known.
    fn note(&mut self, ctx: &Context<Self>, card: Card) -> bool {
        let (key, name) = (card.key(), tidy(&card.name));
        if key == self.me.key() {
            return false;
        }
        let card = Card { name, ..card };
        if let Some(other) = self.others.get_mut(&key) {
            let is_news = card.since > other.card.since;
            if is_news {
                self.node.learn(&card.ticket);
                other.card = card;
            }
            return is_news;
        }
        if self.others.len() >= MOST {
            return false;
        }
        self.node.allow(key);
        self.node.learn(&card.ticket);
        let (source, wake) = (SourceHandle::at(&self.node, key, FOLDER), Arc::new(Notify::new()));
        let follower = follow::Follower {
            key,
            group: ctx.handle(),
            greeter: GreeterHandle::at(&self.node, key, GROUP),
            source: source.clone(),
            watch: self.watch.clone(),
            wake: Arc::clone(&wake),
        };
        self.followers.spawn(follower.run());
        let presence = Presence::Away("not reached yet".to_owned());
        self.others.insert(key, Other { card, presence, source, wake });
        true
    }

    /// It is written again with the next news, and the others know it too: that it could not be written is only told.
    fn save(&self) {
        if let Err(error) = self.home.save_others(self.others.values().map(|other| &other.card)) {
            let _ = self.reporter.warn(error.to_string()).try_tell();
        }
    }
}

impl Greeter for Group {
    fn greet(&mut self, ctx: &mut Context<Self>, who: Card, mut others: Vec<Card>) -> Vec<Card> {
        if let Some(other) = self.others.get(&who.key())
            && other.presence != Presence::Here
        {
            // Who can reach this one can be reached: its follower need not wait for that.
            self.node.learn(&who.ticket);
            other.wake.notify_one();
        }
        others.push(who);
        self.learn(ctx, others);
        self.cards()
    }
}
