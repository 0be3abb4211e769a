//! Very many connections at a time.

use crate::account::{Account, AccountHandle};
use crate::hostile::{Rogue, endpoint, fingerprint, named, next, rogue_of};
use actor_core::prelude::*;
use actor_remote::{Limits, Node};
use std::time::{Duration, Instant};

/// What this process takes, in KiB.
#[cfg(target_os = "linux")]
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes a minute, and gigabytes"]
async fn ten_thousand_connections() {
    const ALL: u32 = 10_000;
    let limits = Limits { connections: ALL + 100, connections_of_one: ALL + 100, ..Limits::default() };
    let bank = Node::builder()
        .bind(([127, 0, 0, 1], 0))
        .limits(limits)
        .lost_after(Duration::from_secs(300))
        .start()
        .await
        .unwrap();
    bank.allow_everybody();
    let account: AccountHandle = Account::default().spawn();
    bank.serve("ann", &account).unwrap();
    let ticket = bank.ticket();
    let target = named(0, "ann", "Deposit", fingerprint(&ticket, "ann", "Deposit").await);
    let (began, before) = (Instant::now(), memory());
    let mut open: Vec<Rogue> = Vec::new();
    let mut lanes = Vec::new();
    let mut shared = endpoint(Duration::from_secs(60)).await;
    while open.len() < usize::try_from(ALL).unwrap() {
        if open.len().is_multiple_of(500) {
            shared = endpoint(Duration::from_secs(60)).await;
        }
        let some = (0..20).map(async |_| {
            let rogue = rogue_of(shared.clone(), &ticket).await;
            let lane = rogue.lane(&target).await;
            (rogue, lane)
        });
        for (rogue, lane) in futures_util::future::join_all(some).await {
            open.push(rogue);
            lanes.push(lane);
        }
    }
    println!(
        "{ALL} connections in {:?}, {} KiB each, both ends",
        began.elapsed(),
        (memory() - before) / u64::from(ALL)
    );
    let began = Instant::now();
    for (send, _) in &mut lanes {
        send.write_all(&[6, 0, 0, 0, 1, 5, 0, 0, 0, 1]).await.unwrap_or_else(|error| panic!("{error}"));
    }
    for (_, recv) in &mut lanes {
        let answer = next(recv).await;
        assert_eq!(answer[..4], [1, 5, 0, 0], "{answer:?}");
    }
    println!("a call of each in {:?}", began.elapsed());
    assert_eq!(account.balance().await.unwrap(), u64::from(ALL));
}
