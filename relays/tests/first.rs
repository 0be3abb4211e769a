//! Nodes that can reach each other by relays alone.

use actor_core::prelude::*;
use actor_remote::{Node, NodeBuilder, Remote, ServerUrl};
use iroh_relay::server::{RelayConfig, Server, ServerConfig};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

#[actor]
struct Account(u64);
#[actor(derive(Serialize, Deserialize))]
impl Account {
    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.0 += amount;
        self.0
    }
}

/// A relay at this address, in this process.
async fn relay(at: SocketAddr) -> Server {
    let mut config = ServerConfig::default();
    config.relay = Some(RelayConfig::new(at));
    Server::spawn(config).await.unwrap()
}

fn url(relay: &Server) -> ServerUrl {
    format!("http://{}", relay.http_addr().unwrap()).parse().unwrap()
}

const ANY: ([u8; 4], u16) = ([127, 0, 0, 1], 0);
const SOON: Duration = Duration::from_secs(20);

fn behind(relay: &ServerUrl) -> NodeBuilder {
    Node::builder().relay(relay.clone()).behind_relays_only()
}

#[tokio::test]
async fn first() {
    let relay1 = relay(ANY.into()).await;
    let at = relay1.http_addr().unwrap();
    let url = url(&relay1);
    let began = Instant::now();
    let (bank, shop) = (behind(&url).start().await.unwrap(), behind(&url).start().await.unwrap());
    eprintln!("started {:?}", began.elapsed());
    bank.online(SOON).await.unwrap();
    eprintln!("online {:?}", began.elapsed());
    let ticket = bank.ticket();
    eprintln!("{ticket}");
    bank.allow(shop.key());
    bank.serve("ann", &Account(0).spawn()).unwrap();
    shop.learn(&ticket);
    let ann = AccountHandle::at(&shop, bank.key(), "ann");
    for _ in 0..5 {
        let began = Instant::now();
        eprintln!("{:?} {:?}", ann.deposit(1).await, began.elapsed());
    }
    let began = Instant::now();
    relay1.shutdown().await.unwrap();
    eprintln!("shut down {:?}", began.elapsed());
    for _ in 0..15 {
        let began = Instant::now();
        eprintln!("{:?} {:?}", ann.deposit(1).await, began.elapsed());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    eprintln!("{:?} {:?}", bank.online(Duration::from_millis(10)).await, bank.ticket());
    let _relay = relay(at).await;
    let began = Instant::now();
    loop {
        let now = Instant::now();
        let outcome = ann.deposit(1).await;
        eprintln!("{outcome:?} {:?} {:?}", now.elapsed(), began.elapsed());
        if outcome.is_ok() { break }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
