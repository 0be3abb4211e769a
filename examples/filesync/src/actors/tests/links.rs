//! What a peer sees of a network: links that are cut, slow, lossy, and that say things twice.

use std::fs;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use actor_core::prelude::*;
use actor_core::test::schedule::{self, choose};
use actor_core::test::{Fault, Faults, actor_test};
use tokio::time::sleep;

use super::{SHORT, Shown, fetch, fetcher};
use crate::actors::link::Link;
use crate::actors::source::{SourceHandle, SourceMessage, SourceReply};
use crate::changes::Shown as View;
use crate::index::Index;
use crate::path::RelPath;
use crate::store::{Expect, Steps};

/// Who waits is answered, and what never ran has not come to the disk.
#[actor_test(seeds = 300)]
async fn a_link_that_is_cut_and_mended_answers_all_who_wait() {
    let asked = Arc::new(AtomicUsize::new(0));
    let disk = SourceHandle::from_fn({
        let asked = Arc::clone(&asked);
        let all = View::new(Index::new().unwrap().snapshot()).unwrap().since(None);
        move |message| {
            assert!(matches!(message, SourceMessage::Changes { since: None }));
            asked.fetch_add(1, Ordering::Relaxed);
            ready(SourceReply::Changes(all.clone()))
        }
    });
    let link = Link::new(disk, SHORT / 2 * choose(2) as u32).spawn();
    let askers: Vec<_> = (0..6)
        .map(|n| {
            let link = SourceHandle::from(link.clone());
            let ask = async move {
                if n % 2 == 0 { link.changes(None).await } else { link.changes(None).timeout(SHORT).await }
            };
            schedule::spawn(ask)
        })
        .collect();
    for _ in 0..choose(4) {
        link.cut().await.unwrap();
        sleep(SHORT * choose(3) as u32).await;
        link.mend().await.unwrap();
    }
    let (mut answered, mut never_ran) = (0, 0);
    for (n, asker) in askers.into_iter().enumerate() {
        match asker.await {
            Ok(_) => answered += 1,
            Err(error @ CallError::TimedOut { .. }) if n % 2 == 1 => {
                never_ran += usize::from(error.never_ran())
            }
            Err(error) => panic!("{error}"),
        }
    }
    let asked = asked.load(Ordering::Relaxed);
    assert!(
        (answered..=6 - never_ran).contains(&asked),
        "{asked} asked, {answered} answered, {never_ran} never ran"
    );
}

/// A link with faults before it.
fn faulty(link: &SourceHandle, seed: u64) -> SourceHandle {
    Faults::<SourceMessage>::new(seed)
        .with(Fault::lose().chance(0.2))
        .with(Fault::lose_reply().chance(0.1))
        .with(Fault::double().chance(0.2))
        .with(Fault::delay_up_to(SHORT * 2).chance(0.3))
        .around(link)
}

/// It brings the very bytes, or it fails; and at last it brings them.
#[tokio::test(start_paused = true)]
async fn a_fetch_over_bad_links_brings_all_or_nothing() {
    let mut data = vec![0; 300_000];
    blake3::Hasher::new().finalize_xof().fill(&mut data);
    let (there, here) = (Shown::new(&data), Shown::new(b""));
    let mut failed = 0;
    for seed in 0..40 {
        let peers = [0, 1].map(|n| (faulty(&there.link().into(), seed * 2 + n), there.view.clone()));
        let fetcher = fetcher(&here.folder, &there.take(), &peers);
        let mut attempt = 0;
        let ready = loop {
            match fetch(&fetcher, there.take(), &AtomicU64::new(0)).await {
                Ok(ready) => break ready,
                Err(_) => (failed, attempt) = (failed + 1, attempt + 1),
            }
            assert!(attempt < 50, "seed {seed} never comes to an end");
        };
        let name = format!("{seed}");
        let temp = ready.content.written(&here.folder, &ready.take.file).unwrap();
        Steps::new(&here.folder).place(temp, &RelPath::new(&*name).unwrap(), Expect::Absent).unwrap();
        assert!(fs::read(here.dir.path().join(name)).unwrap() == data, "seed {seed} brings something else");
    }
    // Else the faults were none.
    assert!(failed > 0);
}
