//! Relays.

use crate::{Account, AccountHandle, IN_TIME, LONG, Listener, any, behind, relay, until_it_works, url};
use actor_core::prelude::*;
use actor_core::{RemoteError, Started, Unreachable};
use actor_remote::{NoRelay, Node, NodeError, Remote, ServerUrl, Ticket};
use iroh_relay::server::{
    Access, AccessControl, CertConfig, ClientRequest, RelayConfig, Server, ServerConfig, TlsConfig,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One that serves and one that calls, both behind this relay alone.
async fn two(url: &ServerUrl) -> (Node, Node, AccountHandle) {
    let (bank, shop) = (behind(url).start().await.unwrap(), behind(url).start().await.unwrap());
    assert_eq!(bank.online(LONG).await.as_ref(), Ok(url));
    let ticket: Ticket = bank.ticket().to_string().parse().unwrap();
    assert_eq!((ticket.addresses(), ticket.relays()), (&[][..], std::slice::from_ref(url)));
    bank.allow(shop.key());
    bank.serve("ann", &Account::default().spawn()).unwrap();
    shop.learn(&ticket);
    let account = AccountHandle::at(&shop, bank.key(), "ann");
    (bank, shop, account)
}

#[tokio::test]
async fn whoever_is_behind_a_relay_is_called_through_it() {
    let relay = relay(any()).await;
    let (bank, _shop, account) = two(&url(&relay)).await;
    assert_eq!(account.deposit(40).await.unwrap(), 40);
    account.deposit(1).tell().await.unwrap();
    assert_eq!(account.deposit(1).await.unwrap(), 42);
    assert_eq!(account.length("x".repeat(300_000)).await.unwrap(), 300_000);
    let mut numbers = account.numbers().await.unwrap();
    for number in 0..100 {
        assert_eq!(numbers.next().await.unwrap().unwrap(), number);
    }
    // Handles lead back, by the relay as well.
    account.subscribe(Listener.spawn()).await.unwrap();
    assert_eq!(account.publish("hello".into()).await.unwrap(), 1);
    // Who is not let in is told so.
    bank.forbid(_shop.key());
    let error = loop {
        match account.deposit(1).await.unwrap_err() {
            CallError::Remote(RemoteError::ConnectionLost { .. }) => {}
            error => break error,
        }
    };
    assert!(matches!(error, CallError::Remote(RemoteError::Refused)), "{error:?}");
}

#[tokio::test]
async fn a_relay_that_dies_is_an_error_in_time_and_one_that_is_back_is_found() {
    let server = relay(any()).await;
    let (at, url) = (server.http_addr().unwrap(), url(&server));
    let (bank, _shop, account) = two(&url).await;
    assert_eq!(account.deposit(1).await.unwrap(), 1);

    server.shutdown().await.unwrap();
    let began = Instant::now();
    let error = account.deposit(1).await.unwrap_err();
    let is_lost = matches!(
        error,
        CallError::Remote(RemoteError::ConnectionLost { started: Started::Unknown | Started::No })
    );
    assert!(is_lost && began.elapsed() < IN_TIME, "{error:?} after {:?}", began.elapsed());
    let began = Instant::now();
    let error = account.deposit(1).await.unwrap_err();
    let is_unreachable = matches!(error, CallError::Remote(RemoteError::Unreachable(Unreachable::Timeout)));
    assert!(is_unreachable && error.never_ran(), "{error:?}");
    assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());
    let error = bank.online(Duration::from_millis(100)).await.unwrap_err();
    assert!(matches!(&error, NoRelay::Timeout { last: Some((last, _)), .. } if *last == url), "{error}");

    let server = relay(at).await;
    let again = until_it_works(&account).await;
    println!("reached again {again:.2?} after the relay is back");
    bank.online(LONG).await.unwrap();
    server.shutdown().await.unwrap();
}

/// Each has an address, which the other one learns by the relay alone.
#[tokio::test]
async fn a_direct_way_is_found_by_a_relay_and_outlives_it() {
    let server = relay(any()).await;
    let url = url(&server);
    let node = || Node::builder().bind(any()).relay(url.clone()).start();
    let (bank, shop) = (node().await.unwrap(), node().await.unwrap());
    bank.online(LONG).await.unwrap();
    bank.allow(shop.key());
    bank.serve("ann", &Account::default().spawn()).unwrap();
    assert!(!bank.ticket().addresses().is_empty());
    shop.learn(&Ticket::new(bank.key(), []).with_relays([url]));
    let account = AccountHandle::at(&shop, bank.key(), "ann");
    let first = until_it_works(&account).await;
    println!("reached by the relay {first:.2?} after it was called");

    // What is told by the relay takes its time.
    let began = Instant::now();
    let is_direct = || server.metrics().server.bytes_sent.get();
    let (mut seen, mut quiet) = (is_direct(), 0);
    while quiet < 5 {
        assert!(began.elapsed() < LONG, "it goes by the relay after {:?}", began.elapsed());
        for _ in 0..50 {
            account.deposit(1).await.unwrap();
        }
        // Fifty calls and their answers take more.
        quiet = if is_direct() < seen + 2_000 { quiet + 1 } else { 0 };
        seen = is_direct();
    }
    println!("the direct way was taken {:.2?} later", began.elapsed());
    server.shutdown().await.unwrap();
    for _ in 0..150 {
        account.deposit(1).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn of_two_relays_the_one_that_answers_is_taken() {
    let (dead, living) = (relay(any()).await, relay(any()).await);
    let urls = [url(&dead), url(&living)];
    dead.shutdown().await.unwrap();
    let bank = behind(&urls[0]).relay(urls[1].clone()).start().await.unwrap();
    let began = Instant::now();
    assert_eq!(bank.online(LONG).await.as_ref(), Ok(&urls[1]));
    println!("online after {:.2?}", began.elapsed());
    assert_eq!(bank.ticket().relays(), &urls[1..]);
}

/// Lets in who says the word.
#[derive(Debug)]
struct Word;

impl AccessControl for Word {
    async fn on_connect(&self, request: &ClientRequest) -> Access {
        match request.auth_token().as_deref() {
            Some("sesame") => Access::Allow,
            _ => Access::Deny { reason: Some("it says no word".to_owned()) },
        }
    }
}

#[tokio::test]
async fn a_relay_that_lets_nobody_in_without_a_token_says_so() {
    let mut relay = RelayConfig::new(any());
    relay.access = Arc::new(Word);
    let mut config = ServerConfig::default();
    config.relay = Some(relay);
    let server = Server::spawn(config).await.unwrap();
    let url = url(&server);
    let error = behind(&url).start().await.unwrap().online(LONG).await.unwrap_err();
    assert!(
        matches!(&error, NoRelay::Denied { url: at, reason } if *at == url && reason.contains("no word")),
        "{error:?}"
    );
    let builder = Node::builder().relay_with_token(url.clone(), "sesame").behind_relays_only();
    assert!(!format!("{builder:?}").contains("sesame"));
    assert_eq!(builder.start().await.unwrap().online(LONG).await, Ok(url));
}

/// An authority, and a relay that shows a certificate of it.
async fn with_a_certificate() -> (Vec<u8>, Server) {
    let (key, own) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap();
    let params_of_it = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params_of_it.signed_by(&own, &Issuer::new(params, key)).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server_config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(own.serialize_der()).into(),
        )
        .unwrap();
    let mut relay = RelayConfig::new(any());
    relay.tls = Some(TlsConfig::new(any(), CertConfig::Manual { server_config }));
    let mut config = ServerConfig::default();
    config.relay = Some(relay);
    (authority.der().to_vec(), Server::spawn(config).await.unwrap())
}

#[tokio::test]
async fn a_relay_with_a_certificate_of_ones_own_authority_is_trusted_and_of_another_not() {
    let (authority, server) = with_a_certificate().await;
    let url: ServerUrl =
        format!("https://localhost:{}", server.https_addr().unwrap().port()).parse().unwrap();
    let trusting = || behind(&url).authority(authority.clone());
    let (bank, shop) = (trusting().start().await.unwrap(), trusting().start().await.unwrap());
    bank.online(LONG).await.unwrap();
    bank.allow(shop.key());
    bank.serve("ann", &Account::default().spawn()).unwrap();
    shop.learn(&bank.ticket());
    until_it_works(&AccountHandle::at(&shop, bank.key(), "ann")).await;

    let (another, _) = with_a_certificate().await;
    let stranger = behind(&url).authority(another).start().await.unwrap();
    let error = stranger.online(Duration::from_secs(3)).await.unwrap_err();
    let NoRelay::Timeout { relays, .. } = &error else { panic!("{error}") };
    assert_eq!(relays, &[url.clone()]);
    println!("another authority: {error}");
    let error = behind(&url).authority(*b"none").start().await.unwrap_err();
    assert!(matches!(error, NodeError::Authority(_)), "{error}");
}
