//! Who says one price.

use actor_core::prelude::*;

use crate::auction::AuctionHandle;
use crate::bidder::{Bidder, Visitor, offer};
use crate::news::{Heard, News};
use crate::{Price, Time};

/// Offers what the thing is worth to it, and leaves when that is not enough.
#[actor(protocols)]
#[derive(Debug, Default)]
pub(crate) struct Firm {
    heard: Vec<Heard>,
}

impl Visitor for Firm {
    fn memory(&mut self) -> &mut Vec<Heard> {
        &mut self.heard
    }
}

impl Bidder for Firm {
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
        self.hear(item, News::BeatenOffer { asked });
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bidder::BidderHandle;

    #[tokio::test]
    async fn it_leaves_when_it_is_beaten() {
        let firm = BidderHandle::from(Firm::default().spawn());
        assert_eq!(firm.beaten_offer("lamp".to_owned(), 1).await.unwrap(), None);
    }
}
