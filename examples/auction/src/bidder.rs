//! What an auction may ask of those who come to it, whoever they are.

use actor_core::prelude::*;
use thiserror::Error;

use crate::auction::AuctionHandle;
use crate::news::{Heard, News};
use crate::seller::SellerHandle;
use crate::{Price, Time};

/// What the default bodies below need of an actor. Not a message of anybody's.
pub(crate) trait Remembers {
    fn memory(&mut self) -> &mut Vec<Heard>;

    fn hear(&mut self, item: String, news: News) {
        self.memory().push(Heard { item, news });
    }
}

/// Whoever wants to know how an auction stands.
#[actor]
pub(crate) trait Visitor: Remembers {
    /// What an auction takes now, and until when.
    fn status(&mut self, item: String, asked: Price, expires: Time) {
        self.hear(item, News::Status { asked, expires });
    }

    /// The auction has closed before it was asked, or before an offer came.
    fn auction_over(&mut self, item: String) {
        self.hear(item, News::Over);
    }

    /// All that it has heard, in order.
    fn heard(&mut self) -> Vec<Heard> {
        self.memory().clone()
    }
}

/// Whoever wants to have it.
#[actor(extends = Visitor)]
pub(crate) trait Bidder: Visitor {
    /// Offers `price` for `item`. When it is beaten, it goes as far as `top` if it goes on at all.
    async fn bid(
        &mut self,
        ctx: &mut Context<Self>,
        at: Time,
        auction: AuctionHandle,
        item: &str,
        price: Price,
        top: Price,
    ) -> Result<(), Ended>;

    /// Another offer is the best now, or its own was too low: `asked` is the least that is taken. The reply is what it
    /// offers instead, or that it leaves.
    fn beaten_offer(&mut self, item: String, asked: Price) -> Option<Price>;

    /// Its offer is the best so far.
    fn best_offer(&mut self, item: String, price: Price) {
        self.hear(item, News::BestOffer { price });
    }

    /// The auction has ended with `bidder`'s offer; that may be this one, or the one that it lost to.
    fn auction_concluded(
        &mut self,
        ctx: &mut Context<Self>,
        item: String,
        seller: SellerHandle,
        bidder: BidderHandle,
        price: Price,
    ) {
        let name = |name: Option<&str>| name.unwrap_or_default().to_owned();
        let news = if bidder.id() == ctx.id() {
            News::Won { seller: name(seller.name()), price }
        } else {
            News::Sold { client: name(bidder.name()), price }
        };
        self.hear(item, news);
    }

    /// The auction has ended, and no offer was high enough.
    fn auction_failed(&mut self, item: String) {
        self.hear(item, News::Failed);
    }
}

/// The auction has ended for good, and the offer went nowhere.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the auction has ended for good")]
pub(crate) struct Ended;

/// Sends an offer of `bidder`'s, which does not wait for what becomes of it.
pub(crate) async fn offer(
    bidder: impl Into<BidderHandle>,
    at: Time,
    auction: &AuctionHandle,
    price: Price,
) -> Result<(), Ended> {
    auction.offer(at, price, bidder.into()).tell().await.map_err(|_| Ended)
}
