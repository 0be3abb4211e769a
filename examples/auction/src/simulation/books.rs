//! What must hold of an auction, whatever came first.

use actor_core::ActorId;
use actor_core::test::{Outcome as Fate, Recorded};

use super::cast::Account;
use super::{CLOSES, INCREMENT, MINIMUM, Sale, Sent};
use crate::Price;
use crate::auction::Outcome;
use crate::news::News;

/// All that is known of one auction after its end.
pub(super) struct Books {
    pub(super) outcome: Outcome,
    pub(super) accounts: Vec<Account>,
    /// What who only looked on heard of it.
    pub(super) looked: Vec<News>,
    /// What came to the auction.
    pub(super) arrived: Vec<Recorded<Sent, ()>>,
    /// What came to the seller.
    pub(super) told: Vec<Recorded<Sale, ()>>,
    /// No question was given up: who answers at all has answered in time.
    pub(super) in_time: bool,
}

/// An offer that came to the auction.
struct Came {
    price: Price,
    by: ActorId,
    /// Before it closed.
    is_timely: bool,
    /// It was handled; `None` where its bidder left and nobody knows.
    ran: Option<bool>,
}

impl Books {
    pub(super) fn check(&self) {
        let came = self.came();
        self.the_seller_hears_the_price_once();
        self.the_highest_timely_offer_wins(&came);
        self.offers_are_counted(&came);
        self.best_offers_rise();
        for account in self.accounts.iter().filter(|account| account.is_steady) {
            self.each_offer_has_one_answer(account);
            self.all_who_took_part_hear_the_end_once(account, &came);
        }
        self.who_asks_is_answered();
    }

    fn came(&self) -> Vec<Came> {
        let mut is_open = true;
        let mut came = Vec::new();
        for call in &self.arrived {
            let ran = match &call.outcome {
                Fate::Replied(()) => Some(true),
                Fate::Failed(error) if error.never_ran() => Some(false),
                _ => None,
            };
            if let Sent::Offer { at, .. } | Sent::Inquire { at } | Sent::Tick { at } = &call.message {
                is_open &= *at < CLOSES || ran == Some(false);
            }
            is_open &= call.message != Sent::End;
            if let Sent::Offer { price, by, .. } = call.message {
                came.push(Came { price, by, is_timely: is_open, ran });
            }
        }
        came
    }

    fn the_seller_hears_the_price_once(&self) {
        let told: Vec<&Sale> = self.told.iter().map(|call| &call.message).collect();
        assert_eq!(told, [&(self.outcome.lot.item.clone(), self.outcome.sold.clone())]);
    }

    /// What it said when it was beaten has come to the auction.
    fn surely_raises(&self, account: &Account) -> bool {
        account.is_steady && self.in_time
    }

    /// Nothing that came in time would have been taken above it, and it is an offer that was made.
    fn the_highest_timely_offer_wins(&self, came: &[Came]) {
        let bound = match &self.outcome.sold {
            Some((winner, price)) => {
                assert!(*price >= MINIMUM);
                let mut of_winner = self.accounts.iter().filter(|account| account.name == *winner);
                let made =
                    of_winner.any(|account| account.bids.contains(price) || account.raises.contains(price));
                assert!(made, "{winner} has never offered {price}");
                price + INCREMENT
            }
            None => MINIMUM,
        };
        let timely =
            came.iter().filter(|came| came.is_timely && came.ran == Some(true)).map(|came| came.price);
        let raises =
            self.accounts.iter().filter(|account| account.is_steady).flat_map(|account| &account.raises);
        for price in timely.chain(raises.copied()) {
            assert!(price < bound, "{price} was offered in time, and it is {:?}", self.outcome.sold);
        }
    }

    /// None is lost, and none is made up.
    fn offers_are_counted(&self, came: &[Came]) {
        let timely = |ran| came.iter().filter(|came| came.is_timely && came.ran == ran).count();
        let raises = |is_certain| {
            let all = self.accounts.iter().filter(|account| self.surely_raises(account) == is_certain);
            all.map(|account| account.raises.len()).sum::<usize>()
        };
        let certain = timely(Some(true)) + raises(true);
        let counted = self.outcome.offers as usize;
        assert!(certain <= counted, "{certain} came, and {counted} were counted");
        let most = certain + timely(None) + raises(false);
        assert!(counted <= most, "{most} came at most, and {counted} were counted");
    }

    /// Each by the increment at least, whoever they were.
    fn best_offers_rise(&self) {
        let mut best: Vec<(Price, &str)> = Vec::new();
        for account in &self.accounts {
            let prices = account.heard.iter().filter_map(|news| match news {
                News::BestOffer { price } => Some((*price, account.name.as_str())),
                _ => None,
            });
            best.extend(prices);
        }
        best.sort_unstable();
        // An offer of one's own that is too little to raise the best is answered with that one again.
        best.dedup();
        assert!(best.windows(2).all(|two| two[1].0 >= two[0].0 + INCREMENT), "{best:?}");
        let last = best.last().map_or(0, |(price, _)| *price);
        assert!(last <= self.outcome.sold.as_ref().map_or(0, |(_, price)| *price), "{best:?}");
    }

    /// The best, beaten or too late. To be beaten as the best is no answer to an offer of one's own.
    fn each_offer_has_one_answer(&self, account: &Account) {
        let (mut is_best, mut answers) = (false, 0);
        for news in &account.heard {
            match news {
                News::BestOffer { .. } => (is_best, answers) = (true, answers + 1),
                News::BeatenOffer { .. } => {
                    answers += usize::from(!is_best);
                    is_best = false;
                }
                News::Over => answers += 1,
                News::Won { .. } => assert!(is_best || !self.in_time, "{account:?}"),
                News::Sold { .. } | News::Failed => assert!(!is_best || !self.in_time, "{account:?}"),
                News::Status { .. } => panic!("nobody asked"),
            }
        }
        let made = account.bids.len() + account.raises.len();
        // A question that was given up before it was heard is an answer that the bidder does not know of.
        assert!(answers == made || !self.in_time && answers < made, "{answers} for {made}: {account:?}");
    }

    fn all_who_took_part_hear_the_end_once(&self, account: &Account, came: &[Came]) {
        let is_end = |news: &&News| matches!(news, News::Won { .. } | News::Sold { .. } | News::Failed);
        let ends: Vec<&News> = account.heard.iter().filter(is_end).collect();
        let took_part =
            came.iter().any(|came| came.by == account.id && came.is_timely && came.ran == Some(true));
        let expected = match &self.outcome.sold {
            _ if !took_part => None,
            Some((winner, price)) if *winner == account.name => {
                Some(News::Won { seller: "ann".to_owned(), price: *price })
            }
            Some((winner, price)) => Some(News::Sold { client: winner.clone(), price: *price }),
            None => Some(News::Failed),
        };
        assert_eq!(ends, expected.iter().collect::<Vec<_>>(), "{account:?}");
        // Behind it comes only what was too late.
        let after = account.heard.iter().skip_while(|news| !is_end(news)).skip(1);
        assert!(after.into_iter().all(|news| *news == News::Over), "{account:?}");
    }

    fn who_asks_is_answered(&self) {
        let asked = self.arrived.iter().filter(|call| matches!(call.message, Sent::Inquire { .. })).count();
        assert_eq!(self.looked.len(), asked);
        let is_over = |news: &News| *news == News::Over;
        assert!(self.looked.iter().skip_while(|news| !is_over(news)).all(is_over), "{:?}", self.looked);
    }
}
