//! `#[actor_test]`.

use actor_core::prelude::*;
use actor_core::test::{actor_test, schedule};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::time::Instant;

#[actor]
struct Counter(u64);

#[actor]
impl Counter {
    pub fn get(&self) -> u64 {
        self.0
    }
    pub fn set(&mut self, n: u64) {
        self.0 = n;
    }
}

/// Runs as often as it says; the last run sees it.
#[actor_test(seeds = 50)]
async fn a_test_runs_under_so_many_seeds() {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    assert!(schedule::is_on());
    assert!(RUNS.fetch_add(1, Relaxed) < 50);
    assert_eq!(Counter(7).spawn().get().await.unwrap(), 7);
}

#[actor_test]
#[should_panic(expected = "cargo test schedule::attribute::an_update_is_lost")]
async fn an_update_is_lost() -> Result<(), CallError> {
    let counter = Counter(0).spawn();
    let add = async || -> Result<(), CallError> {
        let n = counter.get().await?;
        counter.set(n + 1).await
    };
    let (one, two) = tokio::join!(add(), add());
    one.and(two)?;
    assert_eq!(counter.get().await?, 2);
    Ok(())
}

#[actor_test(seeds = 200, from = 5, patient, steps = 1000)]
async fn a_patient_one_waits_for_nothing() {
    let began = Instant::now();
    let counter = Counter(1).spawn();
    counter.get().timeout(Duration::from_nanos(1)).await.unwrap();
    assert!(began.elapsed().is_zero());
}

const CHILD: &str = "ACTOR_TEST_ONE_SEED";

#[actor_test]
async fn fails_if_it_is_to() {
    if std::env::var_os(CHILD).is_some() {
        Counter(7).spawn().get().await.unwrap();
        panic!("as it was to");
    }
}

#[test]
fn a_seed_of_the_environment_is_the_only_one() {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "schedule::attribute::fails_if_it_is_to", "--nocapture"]);
    let output = child.env(CHILD, "1").env("ACTOR_SEED", "17").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(text.contains("seed 17 fails: as it was to"), "{text}");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "schedule::attribute::a_test_runs_under_so_many_seeds", "--nocapture"]);
    let output = child.env("ACTOR_SEED", "17").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.contains("seed 17:") && text.contains("handles `get`"), "{text}");
}
