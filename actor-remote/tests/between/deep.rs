//! Values that hold others that hold others.

use crate::account::{AccountHandle, two};
use actor_core::prelude::*;
use actor_core::{Part, RemoteError};
use actor_remote::Remote;
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};

/// Each link is two values, the struct and the option in it.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Chain {
    next: Option<Box<Chain>>,
}

impl Chain {
    fn of(links: u32) -> Self {
        (1..links).fold(Chain::default(), |chain, _| Chain { next: Some(Box::new(chain)) })
    }

    fn links(&self) -> u32 {
        1 + std::iter::successors(self.next.as_deref(), |link| link.next.as_deref()).map(|_| 1).sum::<u32>()
    }
}

#[actor]
#[derive(Default)]
struct Chains {
    seen: u32,
}

#[actor(derive(Serialize, Deserialize))]
impl Chains {
    pub(crate) fn links(&mut self, chain: Chain) -> u32 {
        self.seen += 1;
        chain.links()
    }
    pub(crate) fn forge(&self, links: u32) -> Chain {
        Chain::of(links)
    }
    pub(crate) fn forge_all(&self, links: Vec<u32>) -> impl Stream<Item = Chain> + use<> {
        stream::iter(links.into_iter().map(Chain::of))
    }
    pub(crate) fn seen(&self) -> u32 {
        self.seen
    }
}

fn is_too_deep(error: &CallError, part: Part) -> bool {
    let CallError::Remote(RemoteError::Codec(error)) = error else { return false };
    error.part == part && error.reason.contains("within each other")
}

#[tokio::test]
async fn one_that_would_use_up_the_stack_is_refused_and_all_goes_on() {
    let two = two().await;
    two.bank.serve("chains", &Chains::default().spawn()).unwrap();
    let chains = ChainsHandle::at(&two.shop, two.bank.key(), "chains");
    assert_eq!(chains.links(Chain::of(100)).await.unwrap(), 100);
    assert_eq!(chains.forge(100).await.unwrap().links(), 100);

    let error = chains.links(Chain::of(1_000)).await.unwrap_err();
    assert!(is_too_deep(&error, Part::Request) && error.never_ran(), "{error}");
    let error = chains.forge(1_000).await.unwrap_err();
    assert!(is_too_deep(&error, Part::Reply) && !error.never_ran(), "{error}");
    let mut forged = chains.forge_all(vec![100, 1_000, 3]).await.unwrap();
    assert_eq!(forged.next().await.unwrap().unwrap().links(), 100);
    let error = forged.next().await.unwrap().unwrap_err();
    assert!(is_too_deep(&error, Part::Reply), "{error}");
    assert_eq!(forged.next().await.unwrap().unwrap().links(), 3);

    assert_eq!(chains.seen().await.unwrap(), 1);
    let account = AccountHandle::at(&two.shop, two.bank.key(), "ann");
    account.deposit(1).await.unwrap();
}
