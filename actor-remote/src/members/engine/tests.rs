//! A member as one sees it who speaks the protocol by hand.

use super::{Effects, Engine, Peer, UNDER_WAY};
use crate::members::Members;
use crate::members::door::{Announced, DOOR, DoorHandle};
use crate::members::id::Id;
use crate::members::times::{config, doubt};
use crate::members::view::View;
use crate::node::Node;
use crate::remote::Remote;
use actor_core::prelude::*;
use foca::{Codec, Foca, Header, Message, NoCustomBroadcast, PostcardCodec, Timer};
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout};

const PACE: Duration = Duration::from_millis(250);

const DAY: Duration = Duration::from_secs(86_400);

/// Long after whatever comes.
const LONG: Duration = Duration::from_secs(20);

/// A door behind which is nobody but the test.
#[actor]
struct Ear {
    packets: mpsc::UnboundedSender<Vec<u8>>,
}

#[actor(derive(Serialize, Deserialize))]
impl Ear {
    pub(super) fn packet(&self, from: Id, version: u64, packet: Vec<u8>) {
        drop((from, version));
        let _ = self.packets.send(packet);
    }
    pub(super) fn leaving(&self, who: Id) {
        drop(who);
    }
    pub(super) fn announced(&self) -> Announced {
        Announced { life: 1, version: 0, names: BTreeSet::new() }
    }
}

/// A member by hand: what is said to it is heard when the test wants.
struct ByHand {
    own: Id,
    foca: Foca<Id, PostcardCodec, StdRng, NoCustomBroadcast>,
    door: DoorHandle,
    packets: mpsc::UnboundedReceiver<Vec<u8>>,
    node: Node,
}

impl ByHand {
    async fn send(&self, mut effects: Effects) {
        while let Some((_, packet)) = effects.to_send() {
            self.door.packet(self.own.clone(), 0, packet.to_vec()).tell().await.unwrap();
        }
    }

    async fn hear(&mut self, packet: &[u8]) {
        let mut effects = Effects::new();
        self.foca.handle_data(packet, &mut effects).unwrap();
        self.send(effects).await;
    }

    /// The next packet, and who says it.
    async fn next(&mut self) -> (Vec<u8>, Header<Id>) {
        let packet = timeout(LONG, self.packets.recv()).await.expect("nothing is said").unwrap();
        let header = PostcardCodec.decode_header(packet.as_slice()).unwrap();
        (packet, header)
    }
}

async fn node() -> Node {
    Node::builder().bind(([127, 0, 0, 1], 0)).lost_after(LONG).start().await.unwrap()
}

/// A member, and one by hand that it sees.
async fn two() -> (Members, ByHand) {
    let there = node().await;
    let own = Id::of(&there.ticket());
    two_with(there, own).await
}

/// The same, with one who is this.
async fn two_with(there: Node, own: Id) -> (Members, ByHand) {
    let here = node().await;
    here.allow(there.key());
    there.allow(here.key());
    here.learn(&there.ticket());
    there.learn(&here.ticket());
    let members = Members::builder().pace(PACE).join(&here, []).unwrap();
    let (sender, packets) = mpsc::unbounded_channel();
    there.serve(DOOR, &Ear { packets: sender }.spawn()).unwrap();
    let foca = Foca::new(own.clone(), config(PACE), rand::make_rng(), PostcardCodec);
    let door = DoorHandle::at(&there, here.key(), DOOR);
    let mut other = ByHand { own, foca, door, packets, node: there };

    let mut effects = Effects::new();
    other.foca.announce(Id::anyone(&here.ticket()), &mut effects).unwrap();
    other.send(effects).await;
    timeout(LONG, members.until(|all| all.len() == 2)).await.expect("it is not seen");
    (members, other)
}

fn is_ping(header: &Header<Id>) -> bool {
    matches!(header.message, Message::Ping(_))
}

#[tokio::test]
async fn who_was_thought_gone_and_is_not_heard_says_again_that_it_is_there() {
    let (_members, mut other) = two().await;
    let (ping, first) = loop {
        let (packet, header) = other.next().await;
        if is_ping(&header) {
            break (packet, header.src);
        }
    };

    // It is told that it counts as gone, and what it says by its new identity is lost.
    let gone = foca::Member::down(first.clone());
    other.foca.apply_many(std::iter::once(gone), false, &mut Effects::new()).unwrap();
    other.hear(&ping).await;
    while other.next().await.1.src == first {}

    // When it is heard, it is a member again who asks whether others live.
    let asks = async {
        loop {
            let (packet, header) = other.next().await;
            if is_ping(&header) && header.src != first {
                return;
            }
            other.hear(&packet).await;
        }
    };
    assert!(timeout(LONG, asks).await.is_ok());
}

#[tokio::test]
async fn who_does_not_answer_but_speaks_is_there_and_who_is_silent_is_not() {
    let (members, mut other) = two().await;
    // In the time of so many it would have gone twice.
    let speaks = async {
        let mut pings = 0;
        while pings < 8 {
            other.door.packet(other.own.clone(), 0, Vec::new()).tell().await.unwrap();
            if let Ok((_, header)) = timeout(PACE / 10, other.next()).await {
                pings += u32::from(is_ping(&header));
            }
        }
    };
    timeout(LONG, speaks).await.expect("it is not asked any more");
    assert_eq!(members.now().len(), 2);
    timeout(LONG, members.until(|all| all.len() == 1)).await.expect("its silence is not noticed");
}

/// Its clock was set back since it ran before, and begins in 1970 or so: it seems to be older than what the others know of it.
#[tokio::test]
async fn one_whose_clock_is_late_is_seen() {
    let there = node().await;
    let own = Id::of(&there.ticket()).later_by(50 * 365 * DAY);
    let (members, before) = two_with(there, own).await;
    before.node.withdraw(DOOR);
    let again = Members::builder().pace(PACE).join(&before.node, [members.node().ticket()]).unwrap();
    let (packets, _heard) = mpsc::unbounded_channel();
    again.serve("again", &Ear { packets }.spawn()).unwrap();
    let seen = members.until(|all| all.iter().any(|member| member.serves("again")));
    timeout(LONG, seen).await.expect("it is not seen");
    timeout(LONG, again.until(|all| all.len() == 2)).await.expect("it sees nobody");
}

#[tokio::test]
async fn to_one_who_takes_nothing_no_more_than_eight_words_are_under_way() {
    let apart = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let there = apart.spawn(node()).await.unwrap();
    let own = Id::of(&there.ticket());
    let (members, mut other) = two_with(there, own).await;
    while !is_ping(&other.next().await.1) {}

    // It stands still, and each knock is answered.
    let (stands, is_still) = oneshot::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    apart.spawn(async move {
        let _ = stands.send(());
        let _ = may_go_on.recv();
    });
    is_still.await.unwrap();
    let engine = &members.0.engine;
    for _ in 0..20 {
        let mut effects = Effects::new();
        other.foca.announce(Id::anyone(&members.node().ticket()), &mut effects).unwrap();
        while let Some((_, packet)) = effects.to_send() {
            engine.heard(other.own.clone(), 0, packet.to_vec()).await.unwrap();
        }
    }
    // This is said in any case, after all that.
    engine.announce().await.unwrap();
    drop(go_on);
    let mut answers = 0;
    loop {
        let packet = timeout(LONG, other.packets.recv()).await.expect("nothing is said").unwrap();
        if packet.is_empty() {
            break;
        }
        let header: Header<Id> = PostcardCodec.decode_header(packet.as_slice()).unwrap();
        answers += u32::from(matches!(header.message, Message::Feed));
    }
    assert!((1..=UNDER_WAY).contains(&answers), "{answers}");
    // All of them have come, so that it is spoken to again.
    while !is_ping(&other.next().await.1) {}
    apart.shutdown_background();
}

#[tokio::test]
async fn who_has_just_stood_still_judges_nobody() {
    let (here, there) = (node().await, node().await);
    let announced = Announced { life: 1, version: 0, names: BTreeSet::new() };
    let (seen, _view) = watch::channel(Arc::new(View::default()));
    let mut engine = Engine::new(&here, PACE, Vec::new(), Arc::new(Mutex::new(announced)), seen);
    let id = Id::of(&there.ticket());
    let now = Instant::now();
    let long_ago = now.checked_sub(10 * doubt(PACE)).unwrap();
    let peer = Peer { id: id.clone(), said: None, heard: long_ago, is_stale: false, is_asked: false };
    engine.peers.insert(there.key(), peer);
    let timer = Timer::ChangeSuspectToDown { member_id: id, incarnation: 0, token: 0 };

    // Who was silent is gone, but not in the eyes of one whose timer comes late.
    assert_eq!(engine.too_early(&timer, now + LONG), None);
    assert_eq!(engine.too_early(&timer, now.checked_sub(PACE).unwrap()), Some(doubt(PACE)));
    assert_eq!(engine.too_early(&Timer::ProbeRandomMember(0), long_ago), None);

    // Who has spoken is waited for, from then on.
    engine.peers.get_mut(&there.key()).unwrap().heard = now + LONG;
    assert_eq!(engine.too_early(&timer, now + LONG), Some(doubt(PACE)));
}
