//! The bytes are those of the protocol, and any others are survived.

use super::{Address, Answer, Ask, Ended, Failure, Frames, Hello, Oversized, Reason, Whom, put, take};
use crate::hints::Hints;
use serde::Serialize;

fn frame(header: &impl Serialize, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    put(&mut bytes, header, body);
    bytes
}

fn hex(text: &str) -> Vec<u8> {
    crate::key::unhex(&text.replace(' ', "")).unwrap()
}

/// Those of `PROTOCOL.md`, in its order.
fn vectors() -> [(Vec<u8>, &'static str); 12] {
    [
        (postcard::to_allocvec(&Hello { calls: 1024, bytes: 16 << 20 }).unwrap(), "80 08 80 80 80 08"),
        (
            frame(
                &Ask::Target {
                    target: 0,
                    sender: 7,
                    actor: Whom::Name("ann"),
                    message: "Deposit",
                    fingerprint: 1,
                },
                &[],
            ),
            "11 00 00 00  00 00 07 00 03 61 6e 6e 07 44 65 70 6f 73 69 74 01",
        ),
        (
            frame(&Ask::Call { id: 5, target: 0, within: Some(1_000_000), apart: None }, &[2]),
            "09 00 00 00  01 05 00 01 c0 84 3d 00 02",
        ),
        (frame(&Ask::Watch { watch: 3, actor: Whom::Name("ann") }, &[]), "07 00 00 00  07 03 00 03 61 6e 6e"),
        (
            frame(&Ask::Watch { watch: 4, actor: Whom::Lease([7; 16]) }, &[]),
            "13 00 00 00  07 04 01 07 07 07 07 07 07 07 07 07 07 07 07 07 07 07 07",
        ),
        (
            postcard::to_allocvec(&Address {
                key: [5; 32],
                actor: Whom::Name("ann"),
                hints: Hints::new([([10, 0, 0, 1], 4000).into()], []),
            })
            .unwrap(),
            "05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05  00 03 61 6e 6e  01 00 0a 00 00 01 a0 1f",
        ),
        (
            postcard::to_allocvec(&Address {
                key: [5; 32],
                actor: Whom::Name("ann"),
                hints: Hints::new([], ["https://relay.example.org".parse().unwrap()]),
            })
            .unwrap(),
            "05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05 05  00 03 61 6e 6e  01 02 1a 68 74 74 70 73 3a 2f 2f 72 65 6c 61 79 2e 65 78 61 6d 70 6c 65 2e 6f 72 67 2f",
        ),
        (
            frame(&Ask::Credit { id: 5, stream: 0, items: 8, bytes: 300 }, &[]),
            "06 00 00 00  04 05 00 08 ac 02",
        ),
        (
            frame(&Answer::Items { id: 5, stream: 0 }, &[1, 0, 0, 0, 2, 2, 0, 0, 0, 3, 4]),
            "0e 00 00 00  07 05 00  01 00 00 00 02  02 00 00 00 03 04",
        ),
        (frame(&Answer::Part { id: 5, stream: 0, more: true }, &[2]), "05 00 00 00  04 05 00 01 02"),
        (
            frame(&Answer::Ended { watch: 3, how: Ended::For(Reason::Killed) }, &[]),
            "04 00 00 00  06 03 00 02",
        ),
        (
            frame(&Answer::Failed { id: 5, why: Failure::TimedOut { started: false } }, &[]),
            "04 00 00 00  03 05 02 00",
        ),
    ]
}

#[test]
fn the_bytes_are_those_of_the_protocol() {
    let protocol = include_str!("../../PROTOCOL.md");
    for (bytes, text) in vectors() {
        assert_eq!(bytes, hex(text), "{text}");
        assert!(protocol.contains(&format!("`{text}`")), "{text} is not in the document");
    }
}

#[test]
fn frames_come_in_pieces_of_any_size() {
    let one = frame(&Ask::Cancel { id: 300 }, b"ab");
    let other = frame(&Ask::Cancel { id: 1 }, b"");
    let all = [one, other].concat();
    for size in 1..=all.len() {
        let (mut frames, mut seen) = (Frames::default(), Vec::new());
        for piece in all.chunks(size) {
            frames.feed(piece);
            while let Some(frame) = frames.next().unwrap() {
                let (ask, body) = take::<Ask<'_>>(frame).unwrap();
                seen.push((format!("{ask:?}"), body.to_vec()));
            }
        }
        let ask = |id| format!("{:?}", Ask::Cancel { id });
        assert_eq!(seen, [(ask(300), b"ab".to_vec()), (ask(1), Vec::new())], "{size}");
    }
}

#[test]
fn a_frame_that_nobody_sends_is_not_waited_for() {
    let mut frames = Frames::default();
    frames.feed(&u32::MAX.to_le_bytes());
    assert_eq!(frames.next(), Err(Oversized));
}

proptest::proptest! {
    #[test]
    fn no_bytes_are_a_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let _ = take::<Ask<'_>>(&bytes);
        let _ = take::<Answer>(&bytes);
        let _ = take::<Address<'_>>(&bytes);
        let mut frames = Frames::default();
        frames.feed(&bytes);
        while let Ok(Some(frame)) = frames.next() {
            let _ = take::<Ask<'_>>(frame);
        }
    }

    /// Frames that were right, but for some bytes.
    #[test]
    fn no_damage_is_a_panic(
        which in 0..15usize,
        numbers in proptest::array::uniform4(proptest::num::u64::ANY),
        text in "\\PC{0,20}",
        damage in proptest::collection::vec((proptest::num::usize::ANY, 0..4u8, proptest::num::u8::ANY), 0..4),
        body in proptest::collection::vec(proptest::num::u8::ANY, 0..20),
    ) {
        let mut bytes = sample(which, numbers, &text, &body);
        for (place, how, byte) in damage {
            let place = place % (bytes.len() + 1);
            match how {
                0 => bytes.truncate(place),
                1 => bytes.insert(place, byte),
                2 if place < bytes.len() => drop(bytes.remove(place)),
                _ => if let Some(known) = bytes.get_mut(place) { *known = byte },
            }
        }
        let mut frames = Frames::default();
        frames.feed(&bytes);
        while let Ok(Some(frame)) = frames.next() {
            // What can be read can be written, and is read as the same again.
            if let Ok((ask, body)) = take::<Ask<'_>>(frame) {
                let again = super::tests::frame(&ask, body);
                assert_eq!(take::<Ask<'_>>(&again[4..]).unwrap(), (ask, body));
            }
            if let Ok((answer, body)) = take::<Answer>(frame) {
                let again = super::tests::frame(&answer, body);
                assert_eq!(take::<Answer>(&again[4..]).unwrap(), (answer, body));
            }
            let _ = take::<Address<'_>>(frame);
        }
    }
}

/// A frame of each kind.
fn sample(which: usize, [a, b, c, d]: [u64; 4], text: &str, body: &[u8]) -> Vec<u8> {
    let [small, stream] = [a, b].map(|number| u32::try_from(number & 0xffff_ffff).unwrap_or_default());
    let some = (d & 1 == 1).then_some(c);
    let id = [u8::try_from(a & 0xff).unwrap_or_default(); 16];
    let actor = if d & 2 == 2 { Whom::Name(text) } else { Whom::Lease(id) };
    let failures = [
        Failure::NotRunning,
        Failure::Interrupted(Reason::Panicked {
            message: some.map(|_| text.to_owned()),
            text: text.to_owned(),
            place: some.map(|_| (text.to_owned(), small, stream)),
        }),
        Failure::Mismatch(some.map(|number| (number, text.to_owned()))),
        Failure::TooLarge { reply: d & 4 == 4, bytes: b, limit: c },
        Failure::Lost(some.map(|number| number & 1 == 1)),
    ];
    let why = failures[usize::try_from(b % 5).unwrap_or_default()].clone();
    let ask = match which {
        0 => Ask::Target { target: small, sender: b, actor, message: text, fingerprint: c },
        1 => Ask::Call { id: a, target: stream, within: some, apart: some },
        2 => Ask::Tell { id: a, target: stream, apart: some },
        3 => Ask::Credit { id: a, stream, items: small, bytes: c },
        4 => Ask::Watch { watch: small, actor },
        5 => Ask::Unwatch { watch: small },
        6 => Ask::Close { id: a, stream },
        _ => {
            let answer = match which {
                7 => Answer::Started { id: a },
                8 => Answer::Reply { id: a, apart: some, streams: stream },
                9 => Answer::Failed { id: a, why },
                10 => Answer::Part { id: a, stream, more: d & 1 == 1 },
                11 => Answer::End { id: a, stream, why: some.map(|_| why) },
                12 => Answer::Ended { watch: small, how: Ended::Unseen(why) },
                13 => Answer::Items { id: a, stream },
                _ => Answer::Ended { watch: small, how: Ended::For(Reason::Failed(text.to_owned())) },
            };
            return frame(&answer, body);
        }
    };
    frame(&ask, body)
}
