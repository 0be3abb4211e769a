//! Bytes that no peer of this library sends, over a real connection.

use crate::account::{Account, AccountHandle};
use crate::handles::Board;
use actor_core::prelude::*;
use actor_remote::{Limits, Node, Ticket};
use iroh::endpoint::{
    Connection, ConnectionError, QuicTransportConfig, RecvStream, RelayMode, SendStream, VarInt, presets,
};
use iroh::{Endpoint, EndpointAddr, PublicKey, TransportAddr};
use std::time::Duration;
use tokio::time::timeout;

/// A peer that says what it likes.
struct Rogue {
    connection: Connection,
    _endpoint: Endpoint,
}

async fn rogue(bank: &Ticket) -> Rogue {
    let transport = QuicTransportConfig::builder().keep_alive_interval(Duration::from_millis(200)).build();
    let endpoint = Endpoint::builder(presets::Minimal)
        .relay_mode(RelayMode::Disabled)
        .transport_config(transport)
        .bind()
        .await
        .unwrap();
    let key = PublicKey::from_bytes(bank.key().as_bytes()).unwrap();
    let address = EndpointAddr::from_parts(key, bank.addresses().iter().copied().map(TransportAddr::Ip));
    let connection = endpoint.connect(address, b"actor/2").await.unwrap();
    let mut hello = connection.accept_uni().await.unwrap();
    assert!(!hello.read_to_end(64).await.unwrap().is_empty());
    Rogue { connection, _endpoint: endpoint }
}

impl Rogue {
    async fn lane(&self, bytes: &[u8]) -> (SendStream, RecvStream) {
        let (mut send, recv) = self.connection.open_bi().await.unwrap();
        send.write_all(bytes).await.unwrap();
        (send, recv)
    }

    /// The code with which it is thrown out.
    async fn code(&self) -> u32 {
        match timeout(Duration::from_secs(20), self.connection.closed()).await.unwrap() {
            ConnectionError::ApplicationClosed(closed) => {
                u32::try_from(closed.error_code.into_inner()).unwrap()
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn bank() -> (Node, AccountHandle) {
    let limits = Limits { calls: 4, ..Limits::default() };
    let bank = Node::builder().bind(([127, 0, 0, 1], 0)).limits(limits).start().await.unwrap();
    bank.allow_everybody();
    let account = Account::default().spawn();
    bank.serve("ann", &account).unwrap();
    (bank, account)
}

fn frame(header: &[u8]) -> Vec<u8> {
    let length = u32::try_from(header.len()).unwrap().to_le_bytes();
    [&length[..], header].concat()
}

/// `Target` 0: `Deposit` of `ann`, with this fingerprint.
fn target(fingerprint: u64) -> Vec<u8> {
    let mut header = vec![0, 0, 7, 0, 3];
    header.extend(b"ann");
    header.push(7);
    header.extend(b"Deposit");
    header.extend(varint(fingerprint));
    frame(&header)
}

/// `Watch` with this number, of this actor.
fn watch(number: u8, actor: &str) -> Vec<u8> {
    let length = varint(u64::try_from(actor.len()).unwrap());
    frame(&[&[7, number, 0][..], &length, actor.as_bytes()].concat())
}

fn varint(mut left: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(left & 0x7f).unwrap();
        left >>= 7;
        if left == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[tokio::test]
async fn what_is_no_protocol_is_cut_off() {
    let (bank, account) = bank().await;
    let unknown_target = frame(&[1, 0, 9, 0, 0]);
    let twice = [target(1), target(1)].concat();
    let forgotten = [target(1), frame(&[6, 0]), frame(&[6, 0])].concat();
    let watched = [watch(3, "ann"), watch(3, "ann")].concat();
    let backwards = [target(1), frame(&[1, 5, 0, 0, 0, 2]), frame(&[1, 5, 0, 0, 0, 2])].concat();
    for (bytes, code) in [
        (&u32::MAX.to_le_bytes()[..], 2),
        (&40_000u32.to_le_bytes()[..], 2),
        (&frame(&[99])[..], 2),
        (&frame(&[])[..], 2),
        (&frame(&[0, 0])[..], 2),
        (&unknown_target[..], 2),
        (&twice[..], 2),
        (&forgotten[..], 2),
        (&backwards[..], 2),
        (&watched[..], 2),
        (&watch(3, &"x".repeat(1025))[..], 3),
    ] {
        let rogue = rogue(&bank.ticket()).await;
        let _lane = rogue.lane(bytes).await;
        assert_eq!(rogue.code().await, code, "{bytes:?}");
    }
    assert_eq!(account.deposit(1).await.unwrap(), 1);
}

#[tokio::test]
async fn a_fingerprint_that_is_another_is_an_answer() {
    let (bank, _account) = bank().await;
    let rogue = rogue(&bank.ticket()).await;
    // `Call` 5 of it, with a body that would do.
    let (_send, mut recv) = rogue.lane(&[target(12345), frame(&[1, 5, 0, 0, 0, 2])].concat()).await;
    let mut answer = [0; 8];
    recv.read_exact(&mut answer[..7]).await.unwrap();
    // `Failed` 5, `Mismatch`.
    assert_eq!(answer[4..7], [3, 5, 6]);
}

/// `Target` with this number: a message of an actor.
fn named(number: u8, actor: &str, message: &str, fingerprint: u64) -> Vec<u8> {
    let mut header = vec![0, number, 7, 0];
    for text in [actor, message] {
        header.push(u8::try_from(text.len()).unwrap());
        header.extend(text.as_bytes());
    }
    header.extend(varint(fingerprint));
    frame(&header)
}

/// The right fingerprint, from the answer to a wrong one.
async fn fingerprint(bank: &Ticket, actor: &str, message: &str) -> u64 {
    let rogue = rogue(bank).await;
    let (_send, mut recv) =
        rogue.lane(&[named(0, actor, message, 1), frame(&[1, 5, 0, 0, 0])].concat()).await;
    let mut answer = [0; 4 + 3 + 1 + 10];
    recv.read_exact(&mut answer).await.unwrap();
    // `Failed` 5, `Mismatch`, and what it knows.
    assert_eq!(answer[4..8], [3, 5, 6, 1]);
    let mut fingerprint = 0;
    for (n, byte) in answer[8..].iter().enumerate() {
        fingerprint |= u64::from(byte & 0x7f) << (7 * n);
        if byte & 0x80 == 0 {
            break;
        }
    }
    fingerprint
}

/// The next frame.
async fn next(recv: &mut RecvStream) -> Vec<u8> {
    let mut length = [0; 4];
    recv.read_exact(&mut length).await.unwrap();
    let mut frame = vec![0; usize::try_from(u32::from_le_bytes(length)).unwrap()];
    recv.read_exact(&mut frame).await.unwrap();
    frame
}

#[tokio::test]
async fn a_call_that_takes_long_is_said_to_have_started() {
    let (bank, _account) = bank().await;
    let fingerprint = fingerprint(&bank.ticket(), "ann", "Wait").await;
    let rogue = rogue(&bank.ticket()).await;
    let asks = [named(0, "ann", "Wait", fingerprint), frame(&[1, 5, 0, 0, 0])].concat();
    let (_send, mut recv) = rogue.lane(&asks).await;
    assert_eq!(next(&mut recv).await, [0, 5]);
}

/// A call, or a tell, with this body.
fn ask(id: u64, target: u8, is_tell: bool, body: &[u8]) -> Vec<u8> {
    let id = varint(id);
    let rest: &[u8] = if is_tell { &[target, 0] } else { &[target, 0, 0] };
    frame(&[&[if is_tell { 2 } else { 1 }][..], &id, rest, body].concat())
}

#[tokio::test]
async fn a_body_that_does_not_fit_under_the_right_fingerprint_is_an_answer() {
    let (bank, account) = bank().await;
    bank.serve("board", &Board::default().spawn()).unwrap();
    let ticket = bank.ticket();
    let mut targets = Vec::new();
    for (number, (actor, message)) in
        [("ann", "Deposit"), ("ann", "Echo"), ("ann", "Texts"), ("ann", "Seen"), ("board", "Subscribe")]
            .into_iter()
            .enumerate()
    {
        let fingerprint = fingerprint(&ticket, actor, message).await;
        targets.extend(named(u8::try_from(number).unwrap(), actor, message, fingerprint));
    }
    let rogue = rogue(&ticket).await;
    let (mut send, mut recv) = rogue.lane(&targets).await;

    // Whose handle: of a lease that is nobody's, of this node and of another; with a key that is none; with more addresses than there may be, more relays, one with a URL that is too long or none of a server; with something behind it.
    let own = [bank.key().as_bytes(), &[1][..], &[7; 16], &[0]].concat();
    let other = [&[0; 32][..], &[1], &[7; 16], &[0]].concat();
    let no_key = [&[2; 32][..], &[0, 1, b'a', 0]].concat();
    let hints = [&[0; 32][..], &[0, 1, b'a', 9], &[0, 127, 0, 0, 1, 9].repeat(9)].concat();
    let relayed = |count: u8, url: &str| {
        let relay = [&[2][..], &varint(url.len().try_into().unwrap()), url.as_bytes()].concat();
        [&[0; 32][..], &[0, 1, b'a', count], &relay.repeat(count.into())].concat()
    };
    let relays = relayed(5, "http://a/");
    let long = relayed(1, &format!("http://a/{}", "b".repeat(248)));
    let user = relayed(1, "http://ann@a/");
    let behind = [&[0; 32][..], &[0, 1, b'a', 0, 0]].concat();
    let handles = [own, other, no_key, hints, relays, long, user, behind, Vec::new(), vec![0; 32]]
        .map(|address| [&varint(address.len().try_into().unwrap())[..], &address].concat());
    let bodies: Vec<(u8, Vec<u8>)> = [
        // A number that is not there, cut off, too large, with more behind it.
        (0, vec![]),
        (0, vec![0x80]),
        (0, vec![0xff; 10]),
        (0, vec![1, 0]),
        // A text that is longer than all there is, and one that is none.
        (1, vec![]),
        (1, vec![5, b'a']),
        (1, [&varint(u64::MAX)[..], b"a"].concat()),
        (1, vec![2, 0xff, 0xfe]),
        // A list that is longer than memory.
        (2, varint(u64::MAX)),
        (2, [varint(1 << 40), vec![1; 100]].concat()),
        // Something where nothing is asked for.
        (3, vec![0]),
    ]
    .into_iter()
    .chain(handles.into_iter().map(|handle| (4, handle)))
    .collect();
    let mut id = 0;
    for (target, body) in &bodies {
        for is_tell in [false, true] {
            send.write_all(&ask(id, *target, is_tell, body)).await.unwrap();
            let answer = next(&mut recv).await;
            // `Failed`, `Codec`, in the request.
            assert_eq!(
                answer[..4],
                [&[3, u8::try_from(id).unwrap(), 7][..], &[0]].concat(),
                "{body:?}: {answer:?}"
            );
            id += 1;
        }
    }
    // The connection is as good as before.
    send.write_all(&ask(id, 0, false, &[5])).await.unwrap();
    assert_eq!(next(&mut recv).await, [1, u8::try_from(id).unwrap(), 0, 0, 5]);
    assert_eq!(account.balance().await.unwrap(), 5);
}

#[tokio::test]
async fn any_bytes_are_answered() {
    let rounds: u64 = std::env::var("BETWEEN_BODIES").map_or(3000, |rounds| rounds.parse().unwrap());
    let (bank, account) = bank().await;
    let ticket = bank.ticket();
    let messages = ["Deposit", "Withdraw", "Echo", "Note", "Texts"];
    let mut targets = Vec::new();
    for (number, message) in (0..).zip(messages) {
        targets.extend(named(number, "ann", message, fingerprint(&ticket, "ann", message).await));
    }
    let rogue = rogue(&ticket).await;
    let (mut send, mut recv) = rogue.lane(&targets).await;
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for id in 0..rounds {
        let target = u8::try_from(random() % 4).unwrap();
        let length = random() % 24;
        let body: Vec<u8> = (0..length).map(|_| u8::try_from(random() & 0xff).unwrap()).collect();
        let is_tell = random() % 2 == 0;
        send.write_all(&ask(id, target, is_tell, &body)).await.unwrap();
        let answer = loop {
            let answer = next(&mut recv).await;
            // That one has started is no answer.
            if answer[0] != 0 {
                break answer;
            }
        };
        // `Reply`, `Received` or `Failed`, of this one.
        assert!((1..=3).contains(&answer[0]), "{body:?}: {answer:?}");
        assert!(answer[1..].starts_with(&varint(id)), "{body:?}: {answer:?}");
    }
    assert!(account.is_running());
}

#[tokio::test]
async fn what_is_watched_no_more_is_not_told() {
    let (bank, account) = bank().await;
    let rogue = rogue(&bank.ticket()).await;
    let lease = frame(&[&[7, 6, 1][..], &[7; 16]].concat());
    let asks =
        [frame(&[8, 9]), watch(3, "bob"), lease, watch(4, "ann"), watch(5, "ann"), frame(&[8, 4])].concat();
    let (_send, mut recv) = rogue.lane(&asks).await;
    let mut answer = [0; 4 + 4];
    recv.read_exact(&mut answer).await.unwrap();
    // `Ended` 3, unseen: `NoSuchActor`; so is what was lent to somebody else, or to nobody.
    assert_eq!(answer, [4, 0, 0, 0, 6, 3, 1, 5]);
    recv.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, [4, 0, 0, 0, 6, 6, 1, 5]);
    account.stop();
    recv.read_exact(&mut answer).await.unwrap();
    // `Ended` 5, for `Stopped`.
    assert_eq!(answer, [4, 0, 0, 0, 6, 5, 0, 0]);
    let more = timeout(Duration::from_millis(100), recv.read(&mut answer)).await;
    assert!(more.is_err(), "{more:?}");
}

#[tokio::test]
async fn more_calls_than_allowed() {
    let (bank, account) = bank().await;
    let rogue = rogue(&bank.ticket()).await;
    // Bodies that are said to come and do not.
    let calls: Vec<u8> = (0..5).flat_map(|id| frame(&[1, id, 0, 0, 1, 100])).collect();
    let _lane = rogue.lane(&[target(1), calls].concat()).await;
    assert_eq!(rogue.code().await, 3);
    assert_eq!(account.deposit(1).await.unwrap(), 1);
}

#[tokio::test]
async fn silence_is_not_waited_for() {
    let (bank, account) = bank().await;
    let rogue = rogue(&bank.ticket()).await;
    assert_eq!(rogue.code().await, 2);
    assert_eq!(account.deposit(1).await.unwrap(), 1);
}

#[tokio::test]
async fn bodies_that_belong_to_nothing_are_not_kept() {
    let (bank, account) = bank().await;
    let rogue = rogue(&bank.ticket()).await;
    let _lane = rogue.lane(&target(1)).await;
    let mut streams = Vec::new();
    // As many as may be open, with more than fits into a window: nobody reads them, and nobody waits for them.
    for id in 0..64u64 {
        let mut stream = rogue.connection.open_uni().await.unwrap();
        stream.write_all(&id.to_le_bytes()).await.unwrap();
        let _ = timeout(Duration::from_millis(5), stream.write_all(&[0; 100_000])).await;
        streams.push(stream);
    }
    assert!(timeout(Duration::from_millis(100), rogue.connection.open_uni()).await.is_err());
    assert_eq!(account.deposit(1).await.unwrap(), 1);
    rogue.connection.close(VarInt::from_u32(0), b"");
}
