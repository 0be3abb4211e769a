//! What is heard of third nodes by their handles: by which relays they are reached. Real relays are in the package `relays`.

use crate::account::{Account, AccountHandle};
use crate::forward::{Gate, GateHandle};
use actor_core::prelude::*;
use actor_remote::{Node, NodeBuilder, Remote, ServerUrl, Ticket};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::timeout;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);

/// Somebody who sees who knocks.
async fn door() -> (TcpListener, ServerUrl) {
    let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", door.local_addr().unwrap()).parse().unwrap();
    (door, url)
}

/// A port where nobody listens.
fn nowhere() -> ServerUrl {
    "http://127.0.0.1:9".parse().unwrap()
}

fn local() -> NodeBuilder {
    Node::builder().bind(([127, 0, 0, 1], 0))
}

/// A gate at `bank`, and a handle of a node that is said to be behind `relay`, as they are known to the shop.
async fn shop(bank: &Node, relay: &ServerUrl) -> (Node, GateHandle, AccountHandle) {
    let shop = Node::local().await.unwrap();
    let far = Node::local().await.unwrap().key();
    shop.learn(&Ticket::new(far, []).with_relays([relay.clone()]));
    shop.learn(&bank.ticket());
    bank.allow(shop.key());
    bank.serve("gate", &Gate.spawn()).unwrap();
    let gate = GateHandle::at(&shop, bank.key(), "gate");
    let account = AccountHandle::at(&shop, far, "ann");
    (shop, gate, account)
}

/// The shop has no relay itself, and passes on by which one the third is reached.
#[tokio::test]
async fn a_handle_says_by_which_relay_its_node_is_reached_and_whoever_has_relays_goes_there() {
    let (door, url) = door().await;
    let bank = local().relay(nowhere()).start().await.unwrap();
    let (_shop, gate, account) = shop(&bank, &url).await;
    let calling = gate.deposit(account, 1).start();
    timeout(LONG, door.accept()).await.unwrap().unwrap();
    drop(calling);
}

#[tokio::test]
async fn whoever_has_no_relays_goes_to_none_that_a_handle_names() {
    let (door, url) = door().await;
    let bank = Node::local().await.unwrap();
    let (_shop, gate, account) = shop(&bank, &url).await;
    // The gate cannot pass the call on, whichever way that is.
    for _ in 0..2 {
        gate.deposit(account.clone(), 1).await.unwrap_err();
    }
    timeout(Duration::from_millis(100), door.accept()).await.unwrap_err();
}

#[tokio::test]
async fn what_was_learned_counts_more_than_what_a_handle_says() {
    let (door, url) = door().await;
    let bank = local().relay(nowhere()).start().await.unwrap();
    let (shop, gate, _) = shop(&bank, &url).await;
    let near = Node::local().await.unwrap();
    near.allow_everybody();
    near.serve("ann", &Account::default().spawn()).unwrap();
    bank.learn(&near.ticket());
    shop.learn(&Ticket::new(near.key(), []).with_relays([url]));
    let account = AccountHandle::at(&shop, near.key(), "ann");
    assert_eq!(gate.deposit(account, 1).await.unwrap(), 1);
    timeout(Duration::from_millis(100), door.accept()).await.unwrap_err();
}
