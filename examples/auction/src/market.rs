//! Runs the auctions: the actors, and what happens to them in order of time.

use std::collections::{BTreeMap, HashMap};

use actor_core::prelude::*;
use thiserror::Error;

use crate::Time;
use crate::auction::{Auction, AuctionHandle, Outcome};
use crate::bidder::{BidderHandle, VisitorHandle};
use crate::client::Client;
use crate::firm::Firm;
use crate::line::{Lot, Record};
use crate::news::Heard;
use crate::seller::{Owner, OwnerHandle};
use crate::watcher::Watcher;

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
#[error("an actor did not answer")]
pub(crate) struct Failure(#[from] CallError);

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
    let mut market = Market::new(&records);
    for (at, step) in agenda(records) {
        market.step(at, step).await?;
    }
    market.results().await
}

/// How somebody behaves: what is further down does more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Manner {
    /// Only asks how it stands.
    #[default]
    Watches,
    /// Offers a price, and no more than that.
    IsFirm,
    /// Goes on when it is beaten.
    GoesOn,
}

/// How everybody behaves who comes, as the file has it.
fn manners(records: &[Record]) -> HashMap<String, Manner> {
    let mut manners = HashMap::new();
    for record in records {
        let (who, manner) = match record {
            Record::Auction(_) => continue,
            Record::Inquire { client, .. } => (client, Manner::Watches),
            Record::Bid { client, price, top, .. } if top > price => (client, Manner::GoesOn),
            Record::Bid { client, .. } => (client, Manner::IsFirm),
        };
        let known: &mut Manner = manners.entry(who.clone()).or_default();
        *known = manner.max(*known);
    }
    manners
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
    /// All that come, to bid or to look.
    visitors: BTreeMap<String, VisitorHandle>,
    bidders: HashMap<String, BidderHandle>,
    sellers: BTreeMap<String, OwnerHandle>,
    /// Auctions may still be busy with the offers before their end: nobody waits for one while others go on.
    ending: Vec<PendingReply<Outcome>>,
}

impl Market {
    /// With all that will come.
    fn new(records: &[Record]) -> Self {
        let mut market = Self::default();
        for (name, manner) in manners(records) {
            let how = Spawn::new().name(name.as_str());
            let bidder: BidderHandle = match manner {
                Manner::Watches => {
                    market.visitors.insert(name, Watcher::default().spawn_with(how).into());
                    continue;
                }
                Manner::IsFirm => Firm::default().spawn_with(how).into(),
                Manner::GoesOn => Client::default().spawn_with(how).into(),
            };
            market.visitors.insert(name.clone(), bidder.clone().into());
            market.bidders.insert(name, bidder);
        }
        market
    }

    async fn step(&mut self, at: Time, step: Step) -> Result<(), Failure> {
        match step {
            Step::Line(Record::Auction(lot)) => self.open(lot),
            Step::Line(Record::Bid { item, client, price, top, .. }) => {
                if let (Some(auction), Some(bidder)) = (self.auctions.get(&item), self.bidders.get(&client)) {
                    bidder.bid(at, auction.clone(), item, price, top).await?;
                }
            }
            Step::Line(Record::Inquire { item, client, .. }) => {
                if let (Some(auction), Some(visitor)) = (self.auctions.get(&item), self.visitors.get(&client))
                {
                    auction.inquire(at, visitor.clone()).await?;
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
            .or_insert_with_key(|name| Owner::default().spawn_with(Spawn::new().name(name.as_str())));
        let auction = Auction::new(lot, seller.clone().into()).spawn_with(Spawn::new().name(item.as_str()));
        self.auctions.insert(item, auction);
    }

    async fn results(self) -> Result<Results, Failure> {
        let mut outcomes = Vec::new();
        for ending in self.ending {
            outcomes.push(ending.await?);
        }
        // An auction tells before it ends, so by now nothing is on its way any more.
        let mut heard = Vec::new();
        for (name, visitor) in self.visitors {
            heard.push((name, visitor.heard().await?));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_goes_on_once_is_not_firm_and_who_bids_once_does_not_only_watch() {
        let item = || "lamp".to_owned();
        let inquire = |client: &str| Record::Inquire { at: 1, item: item(), client: client.to_owned() };
        let bid =
            |client: &str, top| Record::Bid { at: 2, item: item(), client: client.to_owned(), price: 5, top };
        let records =
            [inquire("ann"), inquire("bob"), bid("bob", 5), bid("bob", 5), bid("cleo", 9), bid("cleo", 5)];
        let expected = [("ann", Manner::Watches), ("bob", Manner::IsFirm), ("cleo", Manner::GoesOn)];
        assert_eq!(manners(&records), expected.map(|(name, manner)| (name.to_owned(), manner)).into());
    }
}
