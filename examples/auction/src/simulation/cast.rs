//! Who comes, and what is known of each afterwards.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actor_core::prelude::*;
use actor_core::test::schedule::choose;
use actor_core::{ActorId, Supervise};

use crate::auction::AuctionHandle;
use crate::bidder::{Bidder, BidderHandle, BidderMessage, BidderReply, Visitor, offer};
use crate::client::Client;
use crate::firm::Firm;
use crate::news::{Heard, News};
use crate::{Price, Time};

/// How somebody behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Client,
    Firm,
    /// Goes on as a client does, but may fall when it is beaten, and leave at any time.
    Clumsy,
    /// Never answers.
    Silent,
}

impl Kind {
    pub(super) fn any() -> Self {
        [Self::Client, Self::Firm, Self::Clumsy, Self::Clumsy, Self::Silent][choose(5)]
    }
}

/// What happened to somebody who may not be there any more to tell.
type Diary = Arc<Mutex<Vec<Heard>>>;

fn note(diary: &Diary, item: String, news: News) {
    diary.lock().unwrap_or_else(PoisonError::into_inner).push(Heard { item, news });
}

/// A bidder, and what it was made to bid.
pub(super) struct Guest {
    kind: Kind,
    handle: BidderHandle,
    top: Price,
    diary: Diary,
    /// By auction: the offers that it made of its own accord.
    bids: [Mutex<Vec<Price>>; 2],
}

/// What is known of a guest in one auction.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) id: ActorId,
    /// It was there all the time and could hear everything.
    pub(super) is_steady: bool,
    /// The offers that it made of its own accord.
    pub(super) bids: Vec<Price>,
    /// Those that it made when it was beaten.
    pub(super) raises: Vec<Price>,
    pub(super) heard: Vec<News>,
}

impl Guest {
    pub(super) fn new(name: &'static str, kind: Kind, top: Price) -> Self {
        let diary = Diary::default();
        let how = Spawn::new().name(name);
        let handle = match kind {
            Kind::Client => Client::default().spawn_with(how).into(),
            Kind::Firm => Firm::default().spawn_with(how).into(),
            Kind::Clumsy => {
                let policy = Supervise::permanent().intensity(100, Duration::from_secs(1)).with(how);
                let diary = Arc::clone(&diary);
                Clumsy::supervised(policy, move || Clumsy {
                    top,
                    diary: Arc::clone(&diary),
                    unread: Vec::new(),
                })
                .into()
            }
            Kind::Silent => {
                let diary = Arc::clone(&diary);
                BidderHandle::from_calls(move |message, caller| {
                    let is_question = matches!(message, BidderMessage::BeatenOffer { .. });
                    match message {
                        BidderMessage::BestOffer { item, price } => {
                            note(&diary, item, News::BestOffer { price })
                        }
                        BidderMessage::BeatenOffer { item, asked } => {
                            note(&diary, item, News::BeatenOffer { asked });
                        }
                        _ => {}
                    }
                    async move { if is_question { caller.never().await } else { Ok(BidderReply::BestOffer(())) } }
                })
            }
        };
        Self { kind, handle, top, diary, bids: Default::default() }
    }

    pub(super) fn is_steady(&self) -> bool {
        matches!(self.kind, Kind::Client | Kind::Firm)
    }

    /// Bids, in the auction that has this number.
    pub(super) async fn bid(&self, number: usize, at: Time, auction: &AuctionHandle, price: Price) {
        let item = ["violin", "lamp"][number];
        let is_sent = match self.kind {
            Kind::Silent => auction.offer(at, price, self.handle.clone()).tell().await.is_ok(),
            _ => self.handle.bid(at, auction.clone(), item, price, self.top).await.is_ok(),
        };
        // One that fell in the middle may have made the offer all the same.
        if is_sent || !self.is_steady() {
            self.bids[number].lock().unwrap().push(price.min(self.limit()));
        }
        assert!(is_sent || !self.is_steady(), "a bidder that is there takes an order");
    }

    fn limit(&self) -> Price {
        if self.kind == Kind::Silent { Price::MAX } else { self.top }
    }

    /// For good, and without a word.
    pub(super) fn leave(&self) {
        if self.kind == Kind::Clumsy {
            self.handle.kill();
        }
    }

    pub(super) async fn account(&self, number: usize, item: &str) -> Account {
        let heard = match self.is_steady() {
            true => self.handle.heard().await.unwrap(),
            false => self.diary.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        };
        let heard: Vec<News> =
            heard.into_iter().filter(|heard| heard.item == item).map(|heard| heard.news).collect();
        let asked = heard.iter().filter_map(|news| match news {
            News::BeatenOffer { asked } => Some(*asked),
            _ => None,
        });
        let raises = match self.kind {
            Kind::Client | Kind::Clumsy => asked.filter(|asked| *asked <= self.top).collect(),
            Kind::Firm | Kind::Silent => Vec::new(),
        };
        Account {
            name: self.handle.name().unwrap_or_default().to_owned(),
            id: self.handle.id(),
            is_steady: self.is_steady(),
            bids: self.bids[number].lock().unwrap().clone(),
            raises,
            heard,
        }
    }
}

/// See [`Kind::Clumsy`]. What it has heard outlives it.
#[actor(protocols)]
struct Clumsy {
    top: Price,
    diary: Diary,
    unread: Vec<Heard>,
}

impl Visitor for Clumsy {
    fn memory(&mut self) -> &mut Vec<Heard> {
        &mut self.unread
    }

    fn hear(&mut self, item: String, news: News) {
        note(&self.diary, item, news);
    }
}

impl Bidder for Clumsy {
    fn bid(
        &mut self,
        ctx: &mut Context<Self>,
        at: Time,
        auction: AuctionHandle,
        item: &str,
        price: Price,
        top: Price,
    ) {
        offer(ctx, at, &auction, item.to_owned(), price.min(top));
    }

    fn beaten_offer(&mut self, item: String, asked: Price) -> Option<Price> {
        assert!(choose(4) > 0, "over its own feet");
        self.hear(item, News::BeatenOffer { asked });
        (asked <= self.top).then_some(asked)
    }
}
