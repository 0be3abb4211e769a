//! Whole auctions under a thousand schedules: whoever comes, leaves, falls, is late or says nothing, the books of all who took part agree.

mod books;
mod cast;

use actor_core::ActorId;
use actor_core::prelude::*;
use actor_core::test::schedule::{self, choose};
use actor_core::test::{Recording, actor_test, record_with};

use crate::auction::{Auction, AuctionHandle, AuctionMessage, INCREMENT, Outcome};
use crate::bidder::VisitorHandle;
use crate::line::Lot;
use crate::seller::{Owner, SellerHandle, SellerMessage};
use crate::watcher::Watcher;
use crate::{Price, Time};
use books::Books;
use cast::{Guest, Kind};

const CLOSES: Time = 60;
const MINIMUM: Price = 100;

/// A message to an auction, as the books need it.
#[derive(Clone, Debug, PartialEq)]
enum Sent {
    Offer { at: Time, price: Price, by: ActorId },
    Inquire { at: Time },
    Tick { at: Time },
    End,
}

/// What a seller heard: what was sold, to whom, for how much.
type Sale = (String, Option<(String, Price)>);

/// An auction with a recorder before it, and the one before its seller.
struct Stage {
    auction: AuctionHandle,
    arrived: Recording<Sent, ()>,
    told: Recording<Sale, ()>,
}

fn stage(item: &str) -> Stage {
    let owner: SellerHandle = Owner::default().spawn_with(Spawn::new().name("ann")).into();
    let told = |message: &SellerMessage| match message {
        SellerMessage::AuctionConcluded { item, bidder, price } => {
            (item.clone(), Some((bidder.name().unwrap_or_default().to_owned(), *price)))
        }
        SellerMessage::AuctionFailed { item } => (item.clone(), None),
    };
    let (seller, told) = record_with(&owner, told, |_| ());
    let (item, of) = (item.to_owned(), "ann".to_owned());
    let lot = Lot { item, seller: of, minimum: MINIMUM, opens: 0, closes: CLOSES, end: 80 };
    let arrived = |message: &AuctionMessage| match message {
        AuctionMessage::Offer { at, price, bidder } => {
            Sent::Offer { at: *at, price: *price, by: bidder.id() }
        }
        AuctionMessage::Inquire { at, .. } => Sent::Inquire { at: *at },
        AuctionMessage::Tick { now } => Sent::Tick { at: *now },
        AuctionMessage::End => Sent::End,
    };
    let (auction, arrived) = record_with(&Auction::new(lot, seller).spawn(), arrived, |_| ());
    Stage { auction, arrived, told }
}

/// What a guest does, one after the other.
async fn visit(guest: Guest, auctions: [AuctionHandle; 2]) -> Guest {
    for _ in 0..choose(4) {
        let item = choose(auctions.len());
        let late = guest.is_steady() && choose(6) == 0;
        let at = if late { CLOSES } else { choose(CLOSES as usize) as Time };
        guest.bid(item, at, &auctions[item], MINIMUM - 5 + choose(10) as Price * 5).await;
        if !guest.is_steady() && choose(4) == 0 {
            guest.leave();
        }
    }
    guest
}

/// The time of an auction, to its end. Who looks on asks now and then.
async fn clock(auction: AuctionHandle, watcher: VisitorHandle) -> Outcome {
    for at in [10, CLOSES - 1, CLOSES, CLOSES + 1] {
        if choose(3) > 0 {
            auction.tick(at).await.unwrap();
        }
        if choose(2) == 0 {
            auction.inquire(at, watcher.clone()).await.unwrap();
        }
    }
    auction.end().await.unwrap()
}

/// Two auctions with the same guests, from the first bid to the last word.
async fn evening(in_time: bool) -> Vec<Books> {
    let stages = ["violin", "lamp"].map(stage);
    let auctions = [0, 1].map(|n: usize| stages[n].auction.clone());
    let watcher = VisitorHandle::from(Watcher::default().spawn());
    let clocks = auctions.clone().map(|auction| schedule::spawn(clock(auction, watcher.clone())));
    let mut visits = Vec::new();
    for (n, name) in ["bob", "cleo", "dan"].into_iter().enumerate() {
        let kind = if n == 0 { Kind::Client } else { Kind::any() };
        let guest = Guest::new(name, kind, MINIMUM + choose(10) as Price * 10);
        visits.push(schedule::spawn(visit(guest, auctions.clone())));
    }
    let mut guests = Vec::new();
    for visit in visits {
        guests.push(visit.await);
    }
    let mut outcomes = Vec::new();
    for clock in clocks {
        outcomes.push(clock.await);
    }
    // What an auction says last is on its way, and so is to whom it was too late.
    schedule::settle().await;
    let mut books = Vec::new();
    for (item, (outcome, stage)) in outcomes.into_iter().zip(stages).enumerate() {
        let mut accounts = Vec::new();
        for guest in &guests {
            accounts.push(guest.account(item, &outcome.lot.item).await);
        }
        let looked =
            watcher.heard().await.unwrap().into_iter().filter(|heard| heard.item == outcome.lot.item);
        let looked = looked.map(|heard| heard.news).collect();
        books.push(Books {
            outcome,
            accounts,
            looked,
            arrived: stage.arrived.calls(),
            told: stage.told.calls(),
            in_time,
        });
    }
    books
}

/// Time goes on only where nobody can: who answers at all answers in time.
#[actor_test(seeds = 1000, patient)]
async fn all_books_agree() {
    evening(true).await.iter().for_each(Books::check);
}

#[actor_test(seeds = 200)]
async fn all_books_agree_where_answers_come_too_late() {
    evening(false).await.iter().for_each(Books::check);
}
