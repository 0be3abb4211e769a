//! Servers that say where nodes are.

use crate::{Account, AccountHandle, IN_TIME, any, behind, relay, until_it_works, url};
use actor_core::prelude::*;
use actor_core::{RemoteError, Unreachable};
use actor_remote::{Dns, Node, Pkarr, Remote, ServerUrl};
use iroh_dns_server::Server;
use iroh_dns_server::config::{Config, MetricsConfig};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

/// A server of pkarr records with the names below `nodes.example`.
async fn records(folder: &tempfile::TempDir) -> (Server, ServerUrl, SocketAddr) {
    let here = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let mut config = Config::default();
    (config.dns.port, config.dns.bind_addr) = (0, here);
    // Before the root, which it needs as well.
    config.dns.origins.insert(0, "nodes.example.".to_owned());
    if let Some(http) = &mut config.http {
        (http.port, http.bind_addr) = (0, here);
    }
    config.https = None;
    config.mainline = None;
    config.metrics = Some(MetricsConfig::disabled());
    config.data_dir = Some(folder.path().to_owned());
    let server = Server::bind(config).await.unwrap();
    let url = format!("http://{}/pkarr", server.http_addr().unwrap()).parse().unwrap();
    let dns = server.dns_addr();
    (server, url, dns)
}

async fn serving(bank: &Node) {
    bank.allow_everybody();
    bank.serve("ann", &Account::default().spawn()).unwrap();
}

#[tokio::test]
async fn by_its_key_alone_a_node_behind_a_relay_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (server, pkarr, dns) = records(&folder).await;
    let relay = relay(any()).await;
    let bank = behind(&url(&relay)).pkarr(Pkarr::at(pkarr.clone())).start().await.unwrap();
    serving(&bank).await;

    let by_pkarr = behind(&url(&relay)).pkarr(Pkarr::at(pkarr).only_asks()).start().await.unwrap();
    let by_dns = behind(&url(&relay)).dns(Dns::under("nodes.example").asked_at(dns)).start().await.unwrap();
    for (shop, how) in [(by_pkarr, "pkarr"), (by_dns, "DNS")] {
        let account = AccountHandle::at(&shop, bank.key(), "ann");
        println!("found by {how} within {:.2?}", until_it_works(&account).await);
    }
    server.shutdown().await.unwrap();
}

#[tokio::test]
async fn its_addresses_are_said_to_all_if_it_wants_that_and_nothing_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let (server, pkarr, dns) = records(&folder).await;
    let node = |pkarr: Pkarr| Node::builder().bind(any()).pkarr(pkarr).start();
    let open = node(Pkarr::at(pkarr.clone()).with_addresses()).await.unwrap();
    let closed = node(Pkarr::at(pkarr.clone())).await.unwrap();
    let silent = node(Pkarr::at(pkarr.clone()).only_asks()).await.unwrap();
    let by_pkarr = silent.clone();
    let by_dns =
        Node::builder().bind(any()).dns(Dns::under("nodes.example").asked_at(dns)).start().await.unwrap();
    for bank in [&open, &closed, &silent] {
        serving(bank).await;
    }
    for shop in [&by_pkarr, &by_dns] {
        until_it_works(&AccountHandle::at(shop, open.key(), "ann")).await;
    }
    // Behind what was said of the one that is open.
    for bank in [&closed, &silent] {
        let error = AccountHandle::at(&by_dns, bank.key(), "ann").deposit(1).await.unwrap_err();
        assert!(
            matches!(error, CallError::Remote(RemoteError::Unreachable(_))) && error.never_ran(),
            "{error:?}"
        );
    }
    server.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_away_is_an_error_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let (server, pkarr, dns) = records(&folder).await;
    server.shutdown().await.unwrap();
    let nobody = Node::local().await.unwrap();
    let shop = Node::builder()
        .bind(any())
        .pkarr(Pkarr::at(pkarr))
        .dns(Dns::under("nodes.example").asked_at(dns))
        .start()
        .await
        .unwrap();
    let began = Instant::now();
    let error = AccountHandle::at(&shop, nobody.key(), "ann").deposit(1).await.unwrap_err();
    let CallError::Remote(RemoteError::Unreachable(why)) = &error else { panic!("{error:?}") };
    assert!(matches!(why, Unreachable::NoAddress | Unreachable::Timeout), "{why:?}");
    assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());
    // What was learned otherwise leads there all the same.
    serving(&nobody).await;
    shop.learn(&nobody.ticket());
    let found = until_it_works(&AccountHandle::at(&shop, nobody.key(), "ann")).await;
    assert!(found < IN_TIME, "{found:?}");
}
