//! Nodes behind relays that are heard of by others.

use crate::{
    Account, AccountHandle, LONG, Listener, ListenerHandle, any, behind, relay, until_it_works, url,
};
use actor_core::prelude::*;
use actor_remote::{Members, Node, Remote, ServerUrl};
use std::time::Duration;
use tokio::time::timeout;

/// One behind this relay, that is reached.
async fn online(url: &ServerUrl) -> Node {
    let node = behind(url).start().await.unwrap();
    assert_eq!(node.online(LONG).await.as_ref(), Ok(url));
    node
}

/// The bank knows home by what the shop gives it, and by nothing else.
#[tokio::test]
async fn a_handle_of_a_third_node_behind_a_relay_leads_there() {
    let relay = relay(any()).await;
    let url = url(&relay);
    let (home, bank) = (online(&url).await, online(&url).await);
    let shop = behind(&url).start().await.unwrap();
    home.allow(bank.key());
    home.serve("ear", &Listener.spawn()).unwrap();
    home.serve("bob", &Account::default().spawn()).unwrap();
    bank.allow(shop.key());
    bank.serve("ann", &Account::default().spawn()).unwrap();
    shop.learn(&home.ticket());
    shop.learn(&bank.ticket());

    let account = AccountHandle::at(&shop, bank.key(), "ann");
    account.subscribe(ListenerHandle::at(&shop, home.key(), "ear")).await.unwrap();
    assert_eq!(account.publish("hello".into()).await.unwrap(), 1);
    // A call that is passed on to it as well.
    let bob = AccountHandle::at(&shop, home.key(), "bob");
    assert_eq!(account.length_by(bob, "hello".into()).await.unwrap(), 5);
}

/// A name of the sender's own says by which relay it is reached, so that it leads there when their connection has gone.
#[tokio::test]
async fn a_name_of_the_sender_outlives_its_connection() {
    let relay = relay(any()).await;
    let url = url(&relay);
    let (home, bank) = (online(&url).await, online(&url).await);
    home.allow(bank.key());
    home.serve("ear", &Listener.spawn()).unwrap();
    bank.allow(home.key());
    let account = Account::default().spawn();
    bank.serve("ann", &account).unwrap();
    home.learn(&bank.ticket());
    let at = AccountHandle::at(&home, bank.key(), "ann");
    at.subscribe(ListenerHandle::at(&home, home.key(), "ear")).await.unwrap();
    drop(at);
    bank.forbid(home.key());
    assert_eq!(account.publish("hello".into()).await.unwrap(), 1);
}

#[tokio::test]
async fn members_behind_a_relay_reach_each_other() {
    let relay = relay(any()).await;
    let url = url(&relay);
    let nodes = [online(&url).await, online(&url).await, online(&url).await];
    for node in &nodes {
        nodes.iter().for_each(|other| node.allow(other.key()));
    }
    let seed = nodes[0].ticket();
    let join = |node: &Node| Members::builder().pace(Duration::from_millis(250)).join(node, [seed.clone()]);
    let all: Vec<_> = nodes.iter().map(|node| join(node).unwrap()).collect();
    all[1].serve("ann", &Account::default().spawn()).unwrap();
    // The third knows of the second by the first alone.
    timeout(LONG, all[2].until(|all| all.iter().any(|one| one.serves("ann")))).await.unwrap();
    let [ann] = all[2].serving("ann").try_into().unwrap();
    assert_eq!((ann.key(), ann.ticket().relays()), (nodes[1].key(), std::slice::from_ref(&url)));
    assert_eq!(all[2].pool::<AccountHandle>("ann").deposit(1).await.unwrap(), 1);
    assert_eq!(AccountHandle::reach(&nodes[2], &ann.location("ann")).deposit(1).await.unwrap(), 2);
}

/// Whoever names a relay of his own would see there where it is.
#[tokio::test]
async fn whoever_hides_behind_relays_goes_to_no_others_because_a_handle_names_them() {
    let (one, other) = (relay(any()).await, relay(any()).await);
    let (bank, home) = (online(&url(&one)).await, online(&url(&other)).await);
    let shop = behind(&url(&one)).relay(url(&other)).start().await.unwrap();
    home.allow_everybody();
    home.serve("bob", &Account::default().spawn()).unwrap();
    bank.allow(shop.key());
    let account = Account::default().spawn();
    bank.serve("ann", &account).unwrap();
    shop.learn(&home.ticket());
    shop.learn(&bank.ticket());
    let bob = AccountHandle::at(&shop, home.key(), "bob");
    until_it_works(&bob).await;
    let accepted = || other.metrics().server.accepts.get();
    let before = accepted();
    let ann = AccountHandle::at(&shop, bank.key(), "ann");
    until_it_works(&ann).await;
    let error = ann.length_by(bob.clone(), "hello".into()).await.unwrap_err();
    assert!(matches!(error, CallError::Dropped), "{error:?}");
    assert_eq!(accepted(), before);

    // Learned, it counts.
    bank.learn(&home.ticket());
    let bob = AccountHandle::at(&bank, home.key(), "bob");
    until_it_works(&bob).await;
    assert!(accepted() > before);
}
