//! How nodes are found, and by what they are reached: services of one's own, and what is wrong with relays. Real ones are in the package `relays`.

use crate::account::{Account, AccountHandle, two};
use crate::doors::until_it_works;
use actor_core::prelude::*;
use actor_core::{RemoteError, Unreachable};
use actor_remote::{
    Discovery, DiscoveryError, Key, NoRelay, Node, NodeBuilder, NodeError, Remote, ServerUrl, Ticket,
};
use futures_core::future::BoxFuture;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A table for all that have it, which may be out of order.
#[derive(Clone, Debug, Default)]
struct Table {
    tickets: Arc<Mutex<HashMap<Key, Ticket>>>,
    fault: Option<Fault>,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    Fails,
    Sleeps,
    /// It says where another one is.
    Mixes,
}

impl Discovery for Table {
    fn publish(&self, ticket: Ticket) {
        self.tickets.lock().unwrap().insert(ticket.key(), ticket);
    }

    fn find(&self, key: Key) -> BoxFuture<'static, Result<Option<Ticket>, DiscoveryError>> {
        let tickets = self.tickets.lock().unwrap();
        let found = match self.fault {
            Some(Fault::Mixes) => tickets.values().find(|ticket| ticket.key() != key),
            _ => tickets.get(&key),
        };
        let (found, fault) = (found.cloned(), self.fault);
        Box::pin(async move {
            match fault {
                Some(Fault::Fails) => Err(DiscoveryError::new("the table has burnt")),
                Some(Fault::Sleeps) => std::future::pending().await,
                Some(Fault::Mixes) | None => Ok(found),
            }
        })
    }
}

fn local() -> NodeBuilder {
    Node::builder().bind(([127, 0, 0, 1], 0))
}

#[tokio::test]
async fn by_a_service_of_ones_own_a_node_is_found_by_its_key() {
    let table = Table::default();
    let node = || local().discovery(table.clone()).start();
    let (bank, shop) = (node().await.unwrap(), node().await.unwrap());
    bank.allow(shop.key());
    bank.serve("ann", &Account::default().spawn()).unwrap();
    let account = AccountHandle::at(&shop, bank.key(), "ann");
    assert_eq!(account.deposit(1).await.unwrap(), 1);
    assert_eq!(table.tickets.lock().unwrap().get(&bank.key()), Some(&bank.ticket()));
}

#[tokio::test]
async fn a_service_that_is_out_of_order_is_an_error_in_time_and_holds_nobody_up() {
    for fault in [Fault::Fails, Fault::Sleeps, Fault::Mixes] {
        let two = two().await;
        let table = Table { fault: Some(fault), ..Table::default() };
        table.publish(two.bank.ticket());
        table.publish(two.shop.ticket());
        let caller = local().discovery(table).start().await.unwrap();
        two.bank.allow(caller.key());
        let account = AccountHandle::at(&caller, two.bank.key(), "ann");
        let began = Instant::now();
        let error = account.deposit(1).await.unwrap_err();
        let CallError::Remote(RemoteError::Unreachable(why)) = &error else { panic!("{fault:?}: {error:?}") };
        match fault {
            Fault::Fails | Fault::Mixes => assert!(matches!(why, Unreachable::NoAddress), "{why:?}"),
            Fault::Sleeps => assert!(matches!(why, Unreachable::Timeout), "{why:?}"),
        }
        assert!(error.never_ran() && began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        // Known otherwise, it is reached though it is still asked.
        caller.learn(&two.bank.ticket());
        assert_eq!(account.deposit(1).await.unwrap(), 1, "{fault:?}");
    }
}

/// What is asked besides it does not answer.
#[tokio::test]
async fn an_address_book_is_read_again_while_another_lookup_is_pending() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("book");
    std::fs::write(&file, "# nobody yet\n").unwrap();
    let table = Table { fault: Some(Fault::Sleeps), ..Table::default() };
    let caller = local().discovery(table).address_book(&file).start().await.unwrap();
    let two = two().await;
    two.bank.allow(caller.key());
    let account = AccountHandle::at(&caller, two.bank.key(), "ann");
    let error = account.deposit(1).await.unwrap_err();
    assert!(matches!(&error, CallError::Remote(RemoteError::Unreachable(Unreachable::Timeout))), "{error:?}");
    std::fs::write(&file, two.bank.ticket().to_string()).unwrap();
    assert_eq!(until_it_works(&account).await, 1);
}

#[tokio::test]
async fn a_node_says_that_it_has_no_relay_or_does_not_reach_it() {
    assert_eq!(Node::local().await.unwrap().online(Duration::ZERO).await, Err(NoRelay::Unset));
    let error = Node::builder().behind_relays_only().start().await.unwrap_err();
    assert!(matches!(error, NodeError::NoRelay), "{error:?}");
    // A port where nobody listens.
    let nowhere: ServerUrl = "http://127.0.0.1:9".parse().unwrap();
    let no_server: ServerUrl = "http://127.0.0.1:10/relay".parse().unwrap();
    let node = local().relay(nowhere.clone()).relay(no_server.clone()).start().await.unwrap();
    let began = Instant::now();
    let error = node.online(Duration::from_millis(500)).await.unwrap_err();
    let NoRelay::Timeout { relays, .. } = &error else { panic!("{error:?}") };
    assert_eq!(relays, &[nowhere, no_server]);
    let tried = "no relay was reached in time: http://127.0.0.1:9/, http://127.0.0.1:10/relay";
    assert!(error.to_string().starts_with(tried), "{error}");
    assert!(began.elapsed() < Duration::from_secs(3));
    // It serves those who reach it directly all the same.
    node.allow_everybody();
    node.serve("ann", &Account::default().spawn()).unwrap();
    let shop = Node::local().await.unwrap();
    shop.learn(&Ticket::new(node.key(), node.ticket().addresses().to_vec()));
    assert_eq!(AccountHandle::at(&shop, node.key(), "ann").deposit(1).await.unwrap(), 1);
}

/// One that can only be reached by a relay, called by one that has none.
#[tokio::test]
async fn whoever_has_no_relay_reaches_nobody_by_one() {
    let shop = Node::local().await.unwrap();
    let far = Node::local().await.unwrap().key();
    shop.learn(&Ticket::new(far, []).with_relays(["http://127.0.0.1:9".parse().unwrap()]));
    let error = AccountHandle::at(&shop, far, "ann").deposit(1).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Remote(RemoteError::Unreachable(_))) && error.never_ran(),
        "{error:?}"
    );
}
