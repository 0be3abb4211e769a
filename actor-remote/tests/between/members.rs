//! Who is there, as several nodes see it.

use crate::account::{Account, AccountHandle, node};
#[cfg(target_os = "linux")]
use crate::process::other_with;
use actor_core::prelude::*;
use actor_remote::{Key, MemberEvent, Members, Node, Remote, ServeError, Ticket};
use futures_util::StreamExt;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// As usual: a test waits for it, but a busy machine should not be taken for a dead one.
pub const PACE: Duration = Duration::from_millis(500);

/// Longer than anything here takes.
pub const LONG: Duration = Duration::from_secs(60);

/// Few of these tests run at a time: many nodes make many connections, and those of other tests have little time.
pub async fn turn() -> SemaphorePermit<'static> {
    static TURNS: Semaphore = Semaphore::const_new(2);
    TURNS.acquire().await.unwrap()
}

fn join(node: &Node, seeds: impl IntoIterator<Item = Ticket>) -> Members {
    Members::builder().pace(PACE).join(node, seeds).unwrap()
}

/// So many nodes that allow each other.
async fn nodes(count: usize) -> Vec<Node> {
    let mut nodes = Vec::new();
    for _ in 0..count {
        nodes.push(node().await);
    }
    for node in &nodes {
        nodes.iter().for_each(|other| node.allow(other.key()));
    }
    nodes
}

/// They, all members, of whom each knows the first.
pub async fn members(count: usize) -> Vec<Members> {
    let nodes = nodes(count).await;
    let seed = nodes[0].ticket();
    let members: Vec<_> = nodes.iter().map(|node| join(node, [seed.clone()])).collect();
    for one in &members {
        see(one, count).await;
    }
    members
}

/// Waits until so many announce it, as this one sees it.
pub async fn until_serving(members: &Members, name: &str, count: usize) {
    let enough = members.until(|all| all.iter().filter(|one| one.serves(name)).count() == count);
    assert!(timeout(LONG, enough).await.is_ok(), "not {count} serve {name}, but {members:?}");
}

async fn see(members: &Members, count: usize) {
    let seen = timeout(LONG, members.until(|all| all.len() == count)).await;
    assert!(seen.is_ok(), "{count} are not seen, but {members:?}");
}

/// Waits for what is meant; what comes before it is given as well.
async fn event(
    events: &mut actor_remote::Events,
    what: &str,
    is_meant: impl Fn(&MemberEvent) -> bool,
) -> Vec<MemberEvent> {
    let mut seen = Vec::new();
    while !seen.last().is_some_and(&is_meant) {
        let next = timeout(LONG, events.next()).await;
        seen.push(next.unwrap_or_else(|_| panic!("{what} does not come, but {seen:?}")).unwrap());
    }
    seen
}

fn of(event: &MemberEvent) -> Key {
    match event {
        MemberEvent::Joined(member)
        | MemberEvent::Changed(member)
        | MemberEvent::Left(member)
        | MemberEvent::OutOfSight(member) => member.key(),
        other => panic!("{other:?}"),
    }
}

fn is_lost(event: &MemberEvent, key: Key) -> bool {
    matches!(event, MemberEvent::OutOfSight(member) if member.key() == key)
}

#[tokio::test]
async fn all_find_each_other_and_see_who_goes() {
    let _turn = turn().await;
    let mut all = members(4).await;
    let watcher = all.pop().unwrap();
    let mut events = watcher.events();
    let joined: Vec<_> = (&mut events).take(4).collect().await;
    assert!(joined.iter().all(|event| matches!(event, MemberEvent::Joined(_))), "{joined:?}");

    // One says that it goes,
    let leaver = all.pop().unwrap();
    let key = leaver.node().key();
    leaver.leave().await;
    let left = |event: &MemberEvent| matches!(event, MemberEvent::Left(member) if member.key() == key);
    event(&mut events, "the leaver", left).await;
    // and one does not.
    let victim = all.pop().unwrap();
    let key = victim.node().key();
    victim.node().close().await;
    event(&mut events, "the victim", |event| is_lost(event, key)).await;
    for one in &all {
        see(one, 2).await;
    }
}

#[tokio::test]
async fn what_is_announced_is_heard_of() {
    let _turn = turn().await;
    let all = members(4).await;
    let (worker, other) = (Account::default().spawn(), Account::default().spawn());
    all[1].serve("worker", &worker).unwrap();
    all[2].serve("worker", &other).unwrap();
    assert_eq!(all[2].serve("worker", &worker), Err(ServeError::Taken("worker".into())));
    let serving = async |count| {
        for one in &all {
            until_serving(one, "worker", count).await;
        }
    };
    serving(2).await;
    for member in all[3].serving("worker") {
        let handle = AccountHandle::reach(all[3].node(), &member.location("worker"));
        assert_eq!(handle.deposit(1).await.unwrap(), 1);
        assert_eq!(member.names().collect::<Vec<_>>(), ["worker"]);
    }
    // By its end, and by being withdrawn.
    worker.stop();
    serving(1).await;
    all[2].withdraw("worker");
    serving(0).await;
    all[1].serve("worker", &other).unwrap();
    serving(1).await;
}

#[tokio::test]
async fn it_does_not_matter_who_is_there_first() {
    let _turn = turn().await;
    let nodes = nodes(3).await;
    // Each knows one of the others, and none is there.
    let ring: Vec<_> = (0..3).map(|n| join(&nodes[n], [nodes[(n + 1) % 3].ticket()])).collect();
    for one in &ring {
        see(one, 3).await;
    }
    assert!(matches!(Members::join(&nodes[0], []), Err(ServeError::Taken(_))));
    // Whoever has left may come again.
    let mut ring = ring.into_iter();
    ring.next().unwrap().leave().await;
    let ring: Vec<_> = ring.collect();
    see(&ring[0], 2).await;
    let again = join(&nodes[0], [nodes[2].ticket()]);
    see(&again, 3).await;
    see(&ring[0], 3).await;
}

#[tokio::test]
async fn whoever_is_not_allowed_is_not_seen_and_disturbs_nobody() {
    let _turn = turn().await;
    let nodes = nodes(4).await;
    // The first and the last do not let each other in; those between allow all.
    nodes[0].forbid(nodes[3].key());
    let seed = nodes[1].ticket();
    let all: Vec<_> = nodes.iter().map(|node| join(node, [seed.clone()])).collect();
    let (first, last) = (nodes[0].key(), nodes[3].key());
    for between in &all[1..3] {
        see(between, 4).await;
    }
    see(&all[0], 3).await;
    let mut events = all[1].events();
    let _ = event(&mut events, "the last", |event| of(event) == last).await;
    // For as long as it takes to see a death many times over. A busy machine may look like one for a while; who disturbs does so again and again.
    let quiet = async {
        let event = |event| {
            assert!(matches!(event, MemberEvent::Joined(_) | MemberEvent::OutOfSight(_)), "{event:?}")
        };
        while timeout(PACE * 8, events.next()).await.map(Option::unwrap).map(event).is_ok() {}
    };
    assert!(timeout(LONG, quiet).await.is_ok(), "somebody is disturbed again and again");
    assert!(all[0].now().iter().all(|member| member.key() != last));
    assert!(all[3].now().iter().all(|member| member.key() != first));
    // Forbidden later, it is out of sight at once.
    nodes[0].forbid(nodes[2].key());
    see(&all[0], 2).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_process_that_is_frozen_or_killed_goes_out_of_sight_and_comes_back() {
    let _turn = turn().await;
    use rustix::process::Signal;
    let folder = tempfile::tempdir().unwrap();
    let node = Node::local().await.unwrap();
    let port = std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let key = Key::in_file(folder.path().join("key")).unwrap();
    node.allow(key);
    let here = join(&node, []);
    let mut events = here.events();
    let is_its = |event: &MemberEvent| of(event) == key;
    let other = other_with(folder.path(), Some((node.ticket(), port)));
    let seen = event(&mut events, "its coming", is_its).await;
    assert!(matches!(seen.last(), Some(MemberEvent::Joined(_))), "{seen:?}");
    until_serving(&here, "worker", 1).await;

    other.freeze();
    let lost = |event: &MemberEvent| is_lost(event, key);
    event(&mut events, "its loss while frozen", lost).await;
    assert!(here.serving("worker").is_empty());
    other.signal(Signal::CONT);
    event(&mut events, "its return", is_its).await;
    until_serving(&here, "worker", 1).await;

    other.signal(Signal::KILL);
    event(&mut events, "its loss by death", lost).await;
    // The same key at the same port, and another run of the program.
    let again = other_with(folder.path(), Some((node.ticket(), port)));
    until_serving(&here, "worker", 1).await;
    let worker = AccountHandle::reach(&node, &here.serving("worker")[0].location("worker"));
    assert_eq!(worker.deposit(1).await.unwrap(), 1);

    // And at another one, before anybody has seen that it was gone.
    drop(again);
    let _elsewhere = other_with(folder.path(), Some((node.ticket(), 0)));
    let (pool, began): (AccountHandle, _) = (here.pool("worker"), Instant::now());
    while let Err(error) = pool.balance().await {
        assert!(began.elapsed() < LONG, "{error:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("at another port it is reached after {:.2?}", began.elapsed());
}

/// How long it takes, with the times that are usual.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "for as many as `MEMBERS` says"]
async fn many_find_each_other_and_see_a_death() {
    let count = std::env::var("MEMBERS").map_or(10, |count| count.parse().unwrap());
    let mut nodes = Vec::new();
    for _ in 0..count {
        nodes.push(Node::local().await.unwrap());
    }
    for node in &nodes {
        node.allow_everybody();
    }
    let began = Instant::now();
    let seed = nodes[0].ticket();
    let mut all: Vec<_> = nodes.iter().map(|node| Members::join(node, [seed.clone()]).unwrap()).collect();
    let see = async |all: &[Members], count: usize| {
        for one in all {
            one.until(|seen| seen.len() == count).await;
        }
    };
    see(&all, count).await;
    println!("{count} know each other after {:?}", began.elapsed());
    tokio::time::sleep(Duration::from_secs(2)).await;
    see(&all, count).await;

    let victim = all.pop().unwrap();
    victim.node().close().await;
    drop(victim);
    let began = Instant::now();
    all[0].until(|seen| seen.len() == count - 1).await;
    let first = began.elapsed();
    see(&all, count - 1).await;
    println!("a death is seen by one of them after {first:?}, by all after {:?}", began.elapsed());
}
