//! What an auction may ask of those who come to it, whoever they are.

use std::time::Duration;

use actor_core::prelude::*;

use crate::auction::AuctionHandle;
use crate::news::{Heard, News};
use crate::seller::SellerHandle;
use crate::{Price, Time};

/// How long an auction waits for a bidder's answer. Who does not give one holds up all others, so that counts as leaving.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Whoever wants to know how an auction stands.
#[actor]
pub(crate) trait Visitor {
    /// Where it keeps what it has heard: what the default bodies need, and nobody asks for.
    #[message(skip)]
    fn memory(&mut self) -> &mut Vec<Heard>;

    /// Keeps it.
    #[message(skip)]
    fn hear(&mut self, item: String, news: News) {
        self.memory().push(Heard { item, news });
    }

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
    ///
    /// What becomes of the offer it is told: once, as the best, as beaten or as too late.
    fn bid(
        &mut self,
        ctx: &mut Context<Self>,
        at: Time,
        auction: AuctionHandle,
        item: &str,
        price: Price,
        top: Price,
    );

    /// Another offer is the best now, or its own was too low: `asked` is the least that is taken. The reply is what it
    /// offers instead, or that it leaves; less than is asked means the same.
    #[message(timeout = PATIENCE)]
    fn beaten_offer(&mut self, item: String, asked: Price) -> Option<Price>;

    /// Its offer is the best so far, or still.
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

/// Sends an offer, and does not wait for what becomes of it: who waits for an auction cannot answer it.
pub(crate) fn offer<B>(ctx: &mut Context<B>, at: Time, auction: &AuctionHandle, item: String, price: Price)
where
    B: Actor + Bidder,
    BidderHandle: From<B::Handle>,
{
    let offered = auction.offer(at, price, ctx.handle().into()).start();
    ctx.then(offered, |this, _, handled| {
        // An auction that has ended tells nobody, neither who comes then nor who was still in its mailbox.
        if handled.is_err_and(|error| error.never_ran()) {
            this.auction_over(item);
        }
    });
}
