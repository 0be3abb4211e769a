//! Protocols and actors of different crates: `hostile` has some of both.

#![allow(unreachable_pub, reason = "actors are written as their users write them")]

use actor_core::prelude::*;
use futures::{Stream, StreamExt, stream};
use hostile::protocols::{Bidder, BidderHandle, TooDear};
use hostile::strict::{Account, AccountHandle};

/// Of this crate.
#[actor]
struct Robot(u64);

#[actor]
impl Robot {
    pub fn raise(&mut self, to: u64) {
        self.0 = to;
    }
}

impl Bidder for Robot {
    fn beaten(&mut self, best: u64, _: &str) {
        self.0 = self.0.max(best);
    }
    async fn limit(&self) -> u64 {
        tokio::task::yield_now().await;
        self.0
    }
    fn bid(&mut self, best: u64) -> Result<u64, TooDear> {
        Ok(best + 1)
    }
    fn later(&mut self, _: &mut Context<Self>, reply: ReplyTo<u64>) {
        reply.send(self.0).ok();
    }
    fn bids(&self, limit: u64) -> impl Stream<Item = u64> {
        stream::iter(self.0..limit)
    }
}

/// Of this crate, for actors of another.
#[actor]
trait Audited {
    async fn audit(&mut self, by: &str) -> String;
}

impl Audited for Account {
    async fn audit(&mut self, by: &str) -> String {
        tokio::task::yield_now().await;
        format!("{by}: {}", self.deposit(0))
    }
}

impl Audited for Robot {
    async fn audit(&mut self, by: &str) -> String {
        format!("{by}: a robot")
    }
}

/// Of this crate, and more than one of another.
#[actor(extends = Bidder)]
trait Merchant: Bidder {
    fn lots(&self) -> u64;
}

impl Merchant for Robot {
    fn lots(&self) -> u64 {
        self.0 * 10
    }
}

#[tokio::test]
async fn a_protocol_of_another_crate_on_an_actor_of_this_one() {
    let robot = Robot(5).spawn();
    let bidders: Vec<BidderHandle> = vec![robot.clone().into(), Robot(6).spawn().into()];
    robot.raise(7).await.unwrap();
    assert_eq!(bidders[0].limit().await.unwrap() + bidders[1].limit().await.unwrap(), 13);
    let bidder = &bidders[0];
    bidder.beaten(9, "ann").await.unwrap();
    assert_eq!((bidder.bid(1).await.unwrap(), bidder.later().await.unwrap()), (2, 9));
    // Bodies that the other crate wrote.
    assert_eq!((bidder.twice().await.unwrap(), bidder.raised("", 3u64).await.unwrap()), (18, 4));
    let bids: Vec<u64> = bidder.bids(11).await.unwrap().map(Result::unwrap).collect().await;
    assert_eq!(bids, [9, 10]);
    assert_eq!(bidder.downcast::<RobotHandle>(), Some(robot));
}

#[tokio::test]
async fn a_protocol_of_this_crate_on_an_actor_of_another_one() {
    let account = Account::open().spawn();
    account.deposit(10).await.unwrap();
    let audited: [AuditedHandle; 2] = [account.clone().into(), Robot(1).spawn().into()];
    assert_eq!(audited[0].audit("ann").await.unwrap(), "ann: 10");
    assert_eq!(audited[1].audit("ann").await.unwrap(), "ann: a robot");
    assert_eq!(audited[0].downcast::<AccountHandle>(), Some(account));
}

#[tokio::test]
async fn one_that_extends_one_of_another_crate() {
    let merchant = MerchantHandle::from(Robot(5).spawn());
    assert_eq!(merchant.lots().await.unwrap(), 50);
    assert_eq!(merchant.limit().await.unwrap(), 5);
    assert_eq!(BidderHandle::from(merchant).limit().await.unwrap(), 5);
}
