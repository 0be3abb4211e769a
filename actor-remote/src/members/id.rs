//! Who a member is to the membership protocol, and which members are heard of.

use crate::hints::Hints;
use crate::key::Key;
use crate::node::{Inner, lock};
use crate::ticket::Ticket;
use bytes::{Buf, BufMut};
use foca::{Codec, Header, Identity, PostcardCodec, State};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, Weak};
#[cfg(test)]
use std::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

/// A member, as it goes round. The same node has another one after each time that it was thought to be gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Id {
    key: [u8; 32],
    places: Hints,
    /// The later counts.
    generation: u64,
}

/// In microseconds: who counts as gone comes back so far ahead of its clock, and twice as far each time that this is not enough: the clock may have been set back since
/// others have heard of it. It is more than lies between two attempts; more than the other, in a century, no clock is wrong.
const AHEAD: (u64, u64) = (600 * 1_000_000, 100 * 365 * 86_400 * 1_000_000);

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_micros()).unwrap_or(u64::MAX)
}

impl Id {
    /// That of a node which begins now.
    pub(super) fn of(ticket: &Ticket) -> Self {
        Id { key: *ticket.key().as_bytes(), places: Hints::of(ticket), generation: now() }
    }

    /// The next of the same node, which is there now.
    pub(super) fn after(&self, ticket: &Ticket) -> Self {
        Id { generation: self.later(), ..Id::of(ticket) }
    }

    /// Whoever it is there: to knock.
    pub(super) fn anyone(ticket: &Ticket) -> Self {
        Id { generation: 0, ..Id::of(ticket) }
    }

    /// The same with a clock that is ahead by so much.
    #[cfg(test)]
    pub(super) fn later_by(self, time: Duration) -> Self {
        let generation = self.generation + u64::try_from(time.as_micros()).unwrap();
        Id { generation, ..self }
    }

    fn later(&self) -> u64 {
        now().max(self.generation.saturating_add(1))
    }

    /// `None` if it is none's.
    pub(super) fn key(&self) -> Option<Key> {
        Key::from_bytes(&self.key)
    }

    pub(super) fn places(&self) -> &Hints {
        &self.places
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn is_at(&self, ticket: &Ticket) -> bool {
        Hints::of(ticket) == self.places
    }
}

impl Identity for Id {
    type Addr = [u8; 32];

    fn renew(&self) -> Option<Self> {
        let now = now();
        let ahead = self.generation.saturating_sub(now).saturating_mul(2).clamp(AHEAD.0, AHEAD.1);
        let generation = self.later().max(now.saturating_add(ahead));
        Some(Id { generation, ..self.clone() })
    }

    fn addr(&self) -> [u8; 32] {
        self.key
    }

    fn win_addr_conflict(&self, other: &Self) -> bool {
        self.generation > other.generation
    }
}

/// How packets are written and read: of members that this node does not allow nothing is heard.
#[derive(Clone)]
pub(super) struct Filter {
    node: Weak<Inner>,
    /// This member, as it is now.
    own: Arc<Mutex<Id>>,
    /// Nobody else is heard of: there is no room for more.
    only: Arc<Mutex<Option<HashSet<[u8; 32]>>>>,
}

impl Filter {
    pub(super) fn new(node: &Arc<Inner>, own: Id) -> Self {
        Filter { node: Arc::downgrade(node), own: Arc::new(Mutex::new(own)), only: Arc::default() }
    }

    pub(super) fn own(&self) -> Id {
        lock(&self.own).clone()
    }

    pub(super) fn is_now(&self, own: &Id) {
        *lock(&self.own) = own.clone();
    }

    /// From here on nobody else is heard of than these, if any are named.
    pub(super) fn only(&self, known: Option<HashSet<[u8; 32]>>) {
        *lock(&self.only) = known;
    }

    fn has_room(&self, id: &Id) -> bool {
        lock(&self.only).as_ref().is_none_or(|known| known.contains(&id.key))
    }

    /// Whether this one may take part, as far as this node has a say: itself, and whom it allows, if no more is said of it than may be.
    pub(super) fn lets_in(&self, id: &Id) -> bool {
        let Some((node, key)) = self.node.upgrade().zip(id.key()) else { return false };
        id.places.are_few() && (key == node.key() || node.knows(key))
    }
}

impl Codec<Id> for Filter {
    type Error = postcard::Error;

    fn encode_header(&mut self, header: &Header<Id>, buf: impl BufMut) -> Result<(), Self::Error> {
        PostcardCodec.encode_header(header, buf)
    }

    fn decode_header(&mut self, buf: impl Buf) -> Result<Header<Id>, Self::Error> {
        let header: Header<Id> = PostcardCodec.decode_header(buf)?;
        if self.lets_in(&header.src) && self.has_room(&header.src) {
            Ok(header)
        } else {
            Err(postcard::Error::DeserializeBadEncoding)
        }
    }

    fn encode_member(&mut self, member: &foca::Member<Id>, buf: impl BufMut) -> Result<(), Self::Error> {
        PostcardCodec.encode_member(member, buf)
    }

    fn decode_member(&mut self, buf: impl Buf) -> Result<foca::Member<Id>, Self::Error> {
        let member: foca::Member<Id> = PostcardCodec.decode_member(buf)?;
        if self.lets_in(member.id()) && self.has_room(member.id()) {
            Ok(member)
        } else {
            // That this one lives is no news to it.
            Ok(foca::Member::new(self.own(), 0, State::Alive))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Node;

    /// Who is heard of when somebody says that this one lives.
    fn heard(filter: &Filter, id: &Id) -> Id {
        let mut bytes = Vec::new();
        PostcardCodec.encode_member(&foca::Member::alive(id.clone()), &mut bytes).unwrap();
        filter.clone().decode_member(bytes.as_slice()).unwrap().id().clone()
    }

    #[tokio::test]
    async fn of_those_who_are_not_allowed_or_say_too_much_and_of_more_than_there_is_room_for_nothing_is_heard()
     {
        let (node, stranger) = (Node::local().await.unwrap(), Node::local().await.unwrap());
        let (friend, other) = (Node::local().await.unwrap(), Node::local().await.unwrap());
        node.allow(friend.key());
        node.allow(other.key());
        let own = Id::of(&node.ticket());
        let filter = Filter::new(node.inner(), own.clone());
        let [friend, other, stranger] = [friend, other, stranger].map(|node| Id::of(&node.ticket()));
        assert_eq!(heard(&filter, &friend), friend);
        assert_eq!(heard(&filter, &other), other);
        assert_eq!(heard(&filter, &stranger), own);

        // One with more relays than anybody may have.
        let relays = [&[5][..], &[&[2, 9][..], b"http://a/"].concat().repeat(5)].concat();
        let places: Hints = postcard::from_bytes(&relays).unwrap();
        assert_eq!(heard(&filter, &Id { places, ..friend.clone() }), own);

        filter.only(Some(HashSet::from([friend.addr()])));
        assert_eq!(heard(&filter, &friend), friend);
        assert_eq!(heard(&filter, &other), own);
        filter.only(None);
        assert_eq!(heard(&filter, &other), other);
    }

    #[test]
    fn the_next_of_the_same_node_counts() {
        let id = Id { key: [5; 32], places: Hints::default(), generation: u64::MAX - 1 };
        let next = id.renew().unwrap();
        assert!(next.win_addr_conflict(&id) && !id.win_addr_conflict(&next));
        assert!(next.key().is_none() || next.addr() == id.addr());
    }
}
