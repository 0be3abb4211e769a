//! What nodes that cannot reach each other get by real relays and real servers of addresses.

#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "actors of tests")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod hearsay;
mod relays;
mod services;

use actor_core::prelude::*;
use actor_remote::{Node, NodeBuilder, ServerUrl};
use futures_util::{Stream, stream};
use iroh_relay::server::{RelayConfig, Server, ServerConfig};
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

/// Longer than anything here takes.
pub const LONG: Duration = Duration::from_secs(30);

/// What any answer takes at most, where there is no way: the second after which a connection counts as lost, or is not made.
pub const IN_TIME: Duration = Duration::from_millis(2_500);

/// A port that the system chooses.
pub fn any() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

#[actor]
#[derive(Default)]
pub struct Account {
    balance: u64,
    listeners: Vec<ListenerHandle>,
}

#[actor(derive(Serialize, Deserialize))]
impl Account {
    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }
    pub fn length(&self, text: String) -> usize {
        text.len()
    }
    /// Another one answers.
    pub fn length_by(&self, reply: ReplyTo<usize>, other: AccountHandle, text: String) {
        reply.forward(other.length(text));
    }
    pub fn numbers(&self) -> impl Stream<Item = u64> + use<> {
        stream::iter(0..)
    }
    pub fn subscribe(&mut self, listener: ListenerHandle) {
        self.listeners.push(listener);
    }
    pub async fn publish(&self, text: String) -> usize {
        let mut heard = 0;
        for listener in &self.listeners {
            heard += usize::from(listener.hear(text.clone()).await.is_ok());
        }
        heard
    }
}

#[actor]
pub struct Listener;

#[actor(derive(Serialize, Deserialize))]
impl Listener {
    pub fn hear(&mut self, text: String) {
        drop(text);
    }
}

/// A relay at this address, in this process.
pub async fn relay(at: SocketAddr) -> Server {
    let mut config = ServerConfig::default();
    config.relay = Some(RelayConfig::new(at));
    Server::spawn(config).await.unwrap()
}

pub fn url(relay: &Server) -> ServerUrl {
    format!("http://{}", relay.http_addr().unwrap()).parse().unwrap()
}

/// A node that nobody reaches but by this relay.
pub fn behind(relay: &ServerUrl) -> NodeBuilder {
    Node::builder().relay(relay.clone()).behind_relays_only()
}

/// Calls until it works; what fails on the way proves that it did not run, or that nobody knows.
pub async fn until_it_works(account: &AccountHandle) -> Duration {
    let began = Instant::now();
    while let Err(error) = account.deposit(1).await {
        assert!(matches!(error, CallError::Remote(_)), "{error:?}");
        assert!(began.elapsed() < LONG, "{error:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}
