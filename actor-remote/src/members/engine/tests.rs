//! A member as one sees it who speaks the protocol by hand.

use super::Effects;
use crate::members::Members;
use crate::members::door::{Announced, DOOR, DoorHandle};
use crate::members::id::Id;
use crate::members::times::config;
use crate::node::Node;
use crate::remote::Remote;
use actor_core::prelude::*;
use foca::{Codec, Foca, Header, Message, NoCustomBroadcast, PostcardCodec};
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

const PACE: Duration = Duration::from_millis(250);

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
    _node: Node,
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

/// A member, and one by hand that it sees.
async fn two() -> (Members, ByHand) {
    let node = || Node::builder().bind(([127, 0, 0, 1], 0)).lost_after(LONG).start();
    let (here, there) = (node().await.unwrap(), node().await.unwrap());
    here.allow(there.key());
    there.allow(here.key());
    here.learn(&there.ticket());
    there.learn(&here.ticket());
    let members = Members::builder().pace(PACE).join(&here, []).unwrap();
    let (sender, packets) = mpsc::unbounded_channel();
    there.serve(DOOR, &Ear { packets: sender }.spawn()).unwrap();
    let own = Id::of(&there.ticket());
    let foca = Foca::new(own.clone(), config(PACE), rand::make_rng(), PostcardCodec);
    let door = DoorHandle::at(&there, here.key(), DOOR);
    let mut other = ByHand { own, foca, door, packets, _node: there };

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
