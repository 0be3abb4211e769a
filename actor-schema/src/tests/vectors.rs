//! Fingerprints that must never change: programs that were built with them are about.

use super::super::Schema;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[allow(dead_code)]
enum Message {
    Balance,
    Deposit { amount: u64, note: Option<String> },
    Search(Vec<Query>, BTreeMap<String, [f32; 3]>),
}

#[derive(Deserialize)]
#[allow(dead_code)]
enum Query {
    All,
    Not(Box<Query>),
    Between { from: char, to: char },
}

#[derive(Deserialize)]
#[allow(dead_code)]
enum Reply {
    Balance(i64),
    Deposit(Result<usize, Overdrawn>),
    Search(()),
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Overdrawn {
    missing: u64,
}

#[test]
fn fingerprints_stay() {
    let schema = Schema::of::<Message, Reply>().unwrap();
    let prints: Vec<_> = schema.entries().iter().map(|entry| (entry.name, entry.fingerprint)).collect();
    let known = [
        ("Balance", 0x1a8e_3d94_1a8a_4b20),
        ("Deposit", 0x2f63_6433_b77c_37c1),
        ("Search", 0xf00d_1a45_1769_0871),
    ];
    assert_eq!(prints, known, "{prints:#x?}");
}

#[test]
fn what_is_hashed_can_be_written_by_hand() {
    let mut bytes = Vec::new();
    let text = |text: &str| [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let count = |count: u32| count.to_le_bytes().to_vec();
    bytes.extend(text("actor schema 1"));
    bytes.extend(text("Deposit"));
    // A struct: its fields' names, as many shapes.
    bytes.extend([vec![23], count(2), text("amount"), text("note"), count(2)].concat());
    bytes.extend([vec![10], count(0), count(0)].concat());
    bytes.extend([vec![18], count(0), count(1)].concat());
    bytes.extend([vec![15], count(0), count(0)].concat());
    // The reply: an enum, its variants' names and shapes.
    bytes.extend([vec![24], count(2), text("Ok"), text("Err"), count(2)].concat());
    bytes.extend([vec![10], count(0), count(0)].concat());
    bytes.extend([vec![23], count(1), text("missing"), count(1)].concat());
    bytes.extend([vec![10], count(0), count(0)].concat());
    let hash = blake3::hash(&bytes);
    let fingerprint = u64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap());
    let schema = Schema::of::<Message, Reply>().unwrap();
    assert_eq!(schema.by_name("Deposit").unwrap().fingerprint, fingerprint);
}
