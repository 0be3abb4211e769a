//! Runs the auctions: the actors, and what happens to them in order of time.

use std::collections::BTreeMap;

use actor_core::prelude::*;
use thiserror::Error;

use crate::Time;
use crate::auction::{Auction, AuctionHandle, Outcome};
use crate::client::{Client, ClientHandle, Ended};
use crate::line::{Lot, Record};
use crate::news::Heard;
use crate::seller::{Seller, SellerHandle};

/// All that came of it.
#[derive(Debug)]
pub(crate) struct Results {
    /// In the order in which they ended.
    pub(crate) outcomes: Vec<Outcome>,
    /// What everybody heard, by name.
    pub(crate) heard: Vec<(String, Vec<Heard>)>,
}

/// An actor that did not answer: a bug of this program's.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("a client could not bid")]
    Bid(#[from] CallError<Ended>),
    #[error("an actor did not answer")]
    Answer(#[from] CallError),
}

/// What happens at a time. What is first here comes first where times are equal.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Closing,
    Line,
    End,
}

#[derive(Debug)]
enum Step {
    Line(Record),
    Closing(String),
    End(String),
}

/// Runs all that the file says, to the end of the last auction's grace time.
pub(crate) async fn run(records: Vec<Record>) -> Result<Results, Failure> {
    let mut market = Market::default();
    for (at, step) in agenda(records) {
        market.step(at, step).await?;
    }
    market.results().await
}

/// Every line and every end of something at its time; lines of the same time as in the file.
fn agenda(records: Vec<Record>) -> impl Iterator<Item = (Time, Step)> {
    let mut steps = Vec::new();
    for record in records {
        let at = match &record {
            Record::Auction(lot) => {
                steps.push((lot.closes, Turn::Closing, Step::Closing(lot.item.clone())));
                steps.push((lot.end, Turn::End, Step::End(lot.item.clone())));
                lot.opens
            }
            Record::Bid { at, .. } | Record::Inquire { at, .. } => *at,
        };
        steps.push((at, Turn::Line, Step::Line(record)));
    }
    steps.sort_by(|(at, turn, _), (other_at, other_turn, _)| (at, turn).cmp(&(other_at, other_turn)));
    steps.into_iter().map(|(at, _, step)| (at, step))
}

#[derive(Debug, Default)]
struct Market {
    auctions: BTreeMap<String, AuctionHandle>,
    clients: BTreeMap<String, ClientHandle>,
    sellers: BTreeMap<String, SellerHandle>,
    /// Auctions may still be busy with the offers before their end: nobody waits for one while others go on.
    ending: Vec<PendingReply<Outcome>>,
}

impl Market {
    async fn step(&mut self, at: Time, step: Step) -> Result<(), Failure> {
        match step {
            Step::Line(Record::Auction(lot)) => self.open(lot),
            Step::Line(Record::Bid { item, client, price, top, .. }) => {
                if let Some(auction) = self.auctions.get(&item).cloned() {
                    self.client(client).bid(at, auction, item, price, top).await?;
                }
            }
            Step::Line(Record::Inquire { item, client, .. }) => {
                if let Some(auction) = self.auctions.get(&item).cloned() {
                    self.client(client).look(at, auction).await?;
                }
            }
            Step::Closing(item) => {
                if let Some(auction) = self.auctions.get(&item) {
                    auction.tick(at).await?;
                }
            }
            Step::End(item) => {
                if let Some(auction) = self.auctions.remove(&item) {
                    self.ending.push(auction.end().start());
                }
            }
        }
        Ok(())
    }

    fn open(&mut self, lot: Lot) {
        let item = lot.item.clone();
        let seller = self
            .sellers
            .entry(lot.seller.clone())
            .or_insert_with_key(|name| Seller::default().spawn_with(Spawn::new().name(name.as_str())));
        let auction = Auction::new(lot, seller.clone()).spawn_with(Spawn::new().name(item.as_str()));
        self.auctions.insert(item, auction);
    }

    fn client(&mut self, name: String) -> ClientHandle {
        let spawn = |name: &String| Client::default().spawn_with(Spawn::new().name(name.as_str()));
        self.clients.entry(name).or_insert_with_key(spawn).clone()
    }

    async fn results(self) -> Result<Results, Failure> {
        let mut outcomes = Vec::new();
        for ending in self.ending {
            outcomes.push(ending.await?);
        }
        // An auction tells before it ends, so by now nothing is on its way any more.
        let mut heard = Vec::new();
        for (name, client) in self.clients {
            heard.push((name, client.heard().await?));
        }
        for (name, seller) in self.sellers {
            heard.push((name, seller.heard().await?));
        }
        for (_, heard) in &mut heard {
            // Each auction keeps its order, but nobody promises in which order two of them are heard.
            heard.sort_by(|one, other| one.item.cmp(&other.item));
        }
        Ok(Results { outcomes, heard })
    }
}
