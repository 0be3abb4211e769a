//! Where one item is sold.

use actor_core::prelude::*;

use crate::bidder::{BidderHandle, VisitorHandle};
use crate::line::Lot;
use crate::seller::SellerHandle;
use crate::{Price, Time};

/// How much more an offer must be than the best before it.
pub(crate) const INCREMENT: Price = 10;

/// Sells one item to whoever offers most.
///
/// Its mailbox has no bound: it waits for the answers of bidders, so no bidder may wait for room here. It looks at no
/// result of a tell, since a bidder that has gone needs no news. What it sells to is whoever is a `Bidder`.
#[actor(mailbox = unbounded)]
#[derive(Debug)]
pub(crate) struct Auction {
    lot: Lot,
    seller: SellerHandle,
    best: Option<Offer>,
    /// All that ever offered, since all want to know how it ends.
    bidders: Vec<BidderHandle>,
    offers: u32,
    over: bool,
}

/// A bidder's price.
#[derive(Debug)]
struct Offer {
    bidder: BidderHandle,
    price: Price,
}

/// How an auction went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) lot: Lot,
    /// Offers that came in time, good or not.
    pub(crate) offers: u32,
    /// Who bought it, and for how much.
    pub(crate) sold: Option<(String, Price)>,
}

#[actor]
impl Auction {
    pub(crate) fn new(lot: Lot, seller: SellerHandle) -> Self {
        Self { lot, seller, best: None, bidders: Vec::new(), offers: 0, over: false }
    }

    /// `bidder` offers `price`. Whoever is beaten by it is asked for more, until somebody leaves.
    pub(crate) async fn offer(&mut self, at: Time, price: Price, bidder: BidderHandle) {
        self.tick(at).await;
        if self.over {
            let _ = bidder.auction_over(self.item()).tell().await;
            return;
        }
        if !self.bidders.contains(&bidder) {
            self.bidders.push(bidder.clone());
        }
        let mut next = Some(Offer { bidder, price });
        while let Some(offer) = next {
            next = match self.take(offer).await {
                Some(beaten) => self.ask_for_more(beaten).await,
                None => None,
            };
        }
    }

    /// `visitor` wants to know how it stands; it hears so in the grace time too.
    pub(crate) async fn inquire(&mut self, at: Time, visitor: VisitorHandle) {
        self.tick(at).await;
        let _ = if self.over {
            visitor.auction_over(self.item()).tell().await
        } else {
            visitor.status(self.item(), self.asked(), self.lot.closes).tell().await
        };
    }

    /// Time goes on. From the closing time on the auction is over, and all that took part hear how it ended.
    pub(crate) async fn tick(&mut self, now: Time) {
        if now >= self.lot.closes {
            self.close().await;
        }
    }

    /// The grace time has passed: the last message, and how it went.
    pub(crate) async fn end(mut self) -> Outcome {
        self.close().await;
        let sold = self.best.map(|best| (best.bidder.name().unwrap_or_default().to_owned(), best.price));
        Outcome { lot: self.lot, offers: self.offers, sold }
    }

    /// Once, all that took part hear how it ended.
    async fn close(&mut self) {
        if self.over {
            return;
        }
        self.over = true;
        for bidder in &self.bidders {
            let _ = match &self.best {
                Some(Offer { bidder: winner, price }) => {
                    let (seller, winner) = (self.seller.clone(), winner.clone());
                    bidder.auction_concluded(self.item(), seller, winner, *price).tell().await
                }
                None => bidder.auction_failed(self.item()).tell().await,
            };
        }
        let _ = match &self.best {
            Some(Offer { bidder, price }) => {
                self.seller.auction_concluded(self.item(), bidder.clone(), *price).tell().await
            }
            None => self.seller.auction_failed(self.item()).tell().await,
        };
    }

    /// The least that is taken.
    fn asked(&self) -> Price {
        self.best.as_ref().map_or(self.lot.minimum, |best| best.price.saturating_add(INCREMENT))
    }

    fn item(&self) -> String {
        self.lot.item.clone()
    }

    /// As high as is asked, and higher than the best: no price is above the highest that there is.
    fn is_enough(&self, price: Price) -> bool {
        price >= self.asked() && self.best.as_ref().is_none_or(|best| price > best.price)
    }

    /// Takes an offer if it is high enough. Returns who is beaten: the one that was best, or this one.
    async fn take(&mut self, offer: Offer) -> Option<BidderHandle> {
        self.offers += 1;
        if !self.is_enough(offer.price) {
            return match &self.best {
                // It does not raise its own offer by enough, and stays the best with that.
                Some(best) if best.bidder == offer.bidder => {
                    let _ = offer.bidder.best_offer(self.item(), best.price).tell().await;
                    None
                }
                _ => Some(offer.bidder),
            };
        }
        let _ = offer.bidder.best_offer(self.item(), offer.price).tell().await;
        let bidder = offer.bidder.clone();
        let before = self.best.replace(offer)?.bidder;
        // One that raises its own offer beats nobody.
        (before != bidder).then_some(before)
    }

    /// What `bidder` offers now that it is beaten; nothing if it leaves, or has gone.
    async fn ask_for_more(&self, bidder: BidderHandle) -> Option<Offer> {
        let price = bidder.beaten_offer(self.item(), self.asked()).await.ok().flatten()?;
        self.is_enough(price).then_some(Offer { bidder, price })
    }
}

#[cfg(test)]
mod tests {
    use actor_core::test::{Fault, Faults, probe};

    use super::*;
    use crate::bidder::{Bidder, BidderMessage, BidderReply, Visitor, offer};
    use crate::client::Client;
    use crate::firm::Firm;
    use crate::news::{Heard, News};
    use crate::seller::{Owner, OwnerHandle};
    use crate::watcher::Watcher;

    /// An auction from 0 to 60, with a grace time until 80, and its seller.
    fn auction(minimum: Price) -> (AuctionHandle, OwnerHandle) {
        let seller = Owner::default().spawn_with(Spawn::new().name("ann"));
        let (item, seller_name) = ("violin".to_owned(), "ann".to_owned());
        let lot = Lot { item, seller: seller_name, minimum, opens: 0, closes: 60, end: 80 };
        (Auction::new(lot, seller.clone().into()).spawn(), seller)
    }

    fn client(name: &str) -> BidderHandle {
        Client::default().spawn_with(Spawn::new().name(name)).into()
    }

    fn firm(name: &str) -> BidderHandle {
        Firm::default().spawn_with(Spawn::new().name(name)).into()
    }

    /// All that a client has heard. `auction` is asked first, so that what it is at is done.
    async fn heard(auction: &AuctionHandle, who: impl Into<VisitorHandle>) -> Vec<News> {
        auction.tick(0).await.unwrap();
        who.into().heard().await.unwrap().into_iter().map(|heard| heard.news).collect()
    }

    #[tokio::test]
    async fn the_first_offer_needs_the_minimum() {
        let (auction, _) = auction(100);
        let (low, enough) = (client("low"), client("enough"));
        auction.offer(1, 99, low.clone()).await.unwrap();
        auction.offer(2, 100, enough.clone()).await.unwrap();
        assert_eq!(heard(&auction, low.clone()).await, [News::BeatenOffer { asked: 100 }]);
        assert_eq!(heard(&auction, enough.clone()).await, [News::BestOffer { price: 100 }]);
    }

    #[tokio::test]
    async fn later_offers_need_the_increment() {
        let (auction, _) = auction(100);
        let (first, second) = (client("first"), client("second"));
        auction.offer(1, 100, first.clone()).await.unwrap();
        auction.offer(2, 109, second.clone()).await.unwrap();
        assert_eq!(heard(&auction, second.clone()).await, [News::BeatenOffer { asked: 110 }]);
        auction.offer(3, 110, second.clone()).await.unwrap();
        let beaten = [News::BestOffer { price: 100 }, News::BeatenOffer { asked: 120 }];
        assert_eq!(heard(&auction, first.clone()).await, beaten);
    }

    #[tokio::test]
    async fn two_clients_go_on_until_one_has_reached_its_top() {
        let (auction, _) = auction(100);
        let (bob, cleo) = (client("bob"), client("cleo"));
        bob.bid(1, auction.clone(), "violin", 100, 135).await.unwrap();
        cleo.bid(2, auction.clone(), "violin", 110, 200).await.unwrap();
        let outcome = auction.end().await.unwrap();
        assert_eq!(outcome.sold, Some(("cleo".to_owned(), 130)));
        assert_eq!(outcome.offers, 4);
    }

    /// Bids in a way that the auction has never heard of: it always takes the whole of what it has.
    #[actor(protocols)]
    #[derive(Default)]
    struct Gambler(Vec<Heard>);

    impl Visitor for Gambler {
        fn memory(&mut self) -> &mut Vec<Heard> {
            &mut self.0
        }
    }

    impl Bidder for Gambler {
        fn bid(
            &mut self,
            ctx: &mut Context<Self>,
            at: Time,
            auction: AuctionHandle,
            item: &str,
            price: Price,
            _: Price,
        ) {
            offer(ctx, at, &auction, item.to_owned(), price);
        }

        fn beaten_offer(&mut self, _: String, asked: Price) -> Option<Price> {
            Some(asked + 1000).filter(|offer| *offer < 5000)
        }
    }

    #[tokio::test]
    async fn bidders_of_all_kinds_bid_for_the_same_thing() {
        let (auction, seller) = auction(100);
        let gambler = Gambler::default().spawn_with(Spawn::new().name("gambler"));
        let bidders = [firm("firm"), client("client"), gambler.clone().into()];
        for (at, bidder) in (1..).zip(&bidders) {
            bidder.bid(at, auction.clone(), "violin", 100 + at, 3000).await.unwrap();
        }
        auction.tick(60).await.unwrap();
        let outcome = auction.end().await.unwrap();
        assert_eq!(outcome.sold, Some(("gambler".to_owned(), 3161)));
        assert_eq!(seller.heard().await.unwrap().len(), 1);
        assert_eq!(bidders[2].downcast(), Some(gambler));
        for bidder in bidders {
            let heard = bidder.heard().await.unwrap();
            assert!(matches!(heard.last().unwrap().news, News::Sold { .. } | News::Won { .. }), "{heard:?}");
        }
    }

    #[tokio::test]
    async fn who_raises_its_own_offer_beats_nobody() {
        let (auction, _) = auction(100);
        let bob = client("bob");
        bob.bid(1, auction.clone(), "violin", 100, 500).await.unwrap();
        bob.bid(2, auction.clone(), "violin", 150, 500).await.unwrap();
        let best = [News::BestOffer { price: 100 }, News::BestOffer { price: 150 }];
        assert_eq!(heard(&auction, bob.clone()).await, best);
    }

    #[tokio::test]
    async fn who_raises_its_own_offer_by_too_little_stays_the_best_with_that() {
        let (auction, _) = auction(100);
        let bob = client("bob");
        bob.bid(1, auction.clone(), "violin", 100, 500).await.unwrap();
        bob.bid(2, auction.clone(), "violin", 105, 500).await.unwrap();
        assert_eq!(heard(&auction, bob.clone()).await, vec![News::BestOffer { price: 100 }; 2]);
        assert_eq!(auction.end().await.unwrap().sold, Some(("bob".to_owned(), 100)));
    }

    #[tokio::test]
    async fn the_highest_price_that_there_is_cannot_be_beaten() {
        let (auction, _) = auction(100);
        let (bob, cleo) = (client("bob"), client("cleo"));
        bob.bid(1, auction.clone(), "violin", Price::MAX, Price::MAX).await.unwrap();
        cleo.bid(2, auction.clone(), "violin", Price::MAX, Price::MAX).await.unwrap();
        assert_eq!(heard(&auction, cleo.clone()).await, [News::BeatenOffer { asked: Price::MAX }]);
        assert_eq!(auction.end().await.unwrap().sold, Some(("bob".to_owned(), Price::MAX)));
    }

    #[tokio::test]
    async fn an_end_before_the_closing_time_is_a_close() {
        let (auction, seller) = auction(100);
        let bob = client("bob");
        auction.offer(1, 100, bob.clone()).await.unwrap();
        auction.end().await.unwrap();
        let won = News::Won { seller: "ann".into(), price: 100 };
        let told = bob.heard().await.unwrap();
        assert_eq!(told.last().map(|heard| &heard.news), Some(&won));
        assert_eq!(seller.heard().await.unwrap().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bidder_that_does_not_answer_holds_up_nobody_for_long() {
        let (auction, _) = auction(100);
        let silent = BidderHandle::from_calls(|_, caller| async move { caller.never().await });
        auction.offer(1, 100, silent).await.unwrap();
        auction.offer(2, 110, client("cleo")).await.unwrap();
        assert_eq!(auction.end().await.unwrap().sold, Some(("cleo".to_owned(), 110)));
    }

    #[tokio::test]
    async fn a_bidder_that_falls_when_it_is_asked_has_left() {
        let (auction, _) = auction(100);
        let falls = Fault::panic("over its own feet").named("beaten_offer");
        let bob = Faults::<BidderMessage>::new(0).with(falls).around(&client("bob"));
        auction.offer(1, 100, bob).await.unwrap();
        auction.offer(2, 110, client("cleo")).await.unwrap();
        assert_eq!(auction.end().await.unwrap().sold, Some(("cleo".to_owned(), 110)));
    }

    #[tokio::test]
    async fn the_answer_is_an_offer_only_if_it_is_enough() {
        let (auction, _) = auction(100);
        let (bob, mut probe) = probe::<BidderHandle>();
        let offer = auction.offer(1, 5, bob).start();
        let beaten = probe.expect().await;
        assert!(matches!(beaten.message(), BidderMessage::BeatenOffer { asked: 100, .. }));
        beaten.reply(BidderReply::BeatenOffer(Some(99)));
        offer.await.unwrap();
        auction.tick(60).await.unwrap();
        assert_eq!(probe.expect().await.name(), "auction_failed");
        assert_eq!(auction.end().await.unwrap().sold, None);
    }

    #[tokio::test]
    async fn winner_losers_and_seller_hear_how_it_ended() {
        let (auction, seller) = auction(100);
        let (bob, cleo) = (client("bob"), client("cleo"));
        auction.offer(1, 100, bob.clone()).await.unwrap();
        auction.offer(2, 150, cleo.clone()).await.unwrap();
        auction.tick(60).await.unwrap();
        let sold = News::Sold { client: "cleo".into(), price: 150 };
        assert_eq!(heard(&auction, bob.clone()).await.last(), Some(&sold));
        assert_eq!(seller.heard().await.unwrap()[0].news, sold);
        let won = News::Won { seller: "ann".into(), price: 150 };
        assert_eq!(heard(&auction, cleo.clone()).await.last(), Some(&won));
    }

    #[tokio::test]
    async fn without_an_offer_that_is_enough_it_fails() {
        let (auction, seller) = auction(100);
        let low = client("low");
        auction.offer(1, 5, low.clone()).await.unwrap();
        auction.tick(60).await.unwrap();
        assert_eq!(heard(&auction, low.clone()).await.last(), Some(&News::Failed));
        assert_eq!(seller.heard().await.unwrap()[0].news, News::Failed);
        assert_eq!(auction.end().await.unwrap().sold, None);
    }

    #[tokio::test]
    async fn what_is_over_stays_over() {
        let (auction, seller) = auction(100);
        let (bob, late) = (client("bob"), client("late"));
        auction.offer(1, 100, bob.clone()).await.unwrap();
        for at in [60, 61, 79] {
            auction.offer(at, 1000, late.clone()).await.unwrap();
            auction.inquire(at, late.clone().into()).await.unwrap();
        }
        assert_eq!(heard(&auction, late.clone()).await, vec![News::Over; 6]);
        assert_eq!(seller.heard().await.unwrap().len(), 1);
        assert_eq!(auction.end().await.unwrap().sold, Some(("bob".into(), 100)));
    }

    #[tokio::test]
    async fn inquiring_tells_what_is_asked_and_until_when() {
        let (auction, _) = auction(100);
        let (bob, dan) = (client("bob"), VisitorHandle::from(Watcher::default().spawn()));
        auction.inquire(0, dan.clone()).await.unwrap();
        auction.offer(1, 100, bob).await.unwrap();
        auction.inquire(2, dan.clone()).await.unwrap();
        let asked = [100, 110].map(|asked| News::Status { asked, expires: 60 });
        assert_eq!(heard(&auction, dan.clone()).await, asked);
    }

    #[tokio::test]
    async fn a_client_that_has_gone_does_not_stop_it() {
        let (auction, _) = auction(100);
        let (gone, cleo) = (client("gone"), client("cleo"));
        auction.offer(1, 100, gone.clone()).await.unwrap();
        gone.stop();
        gone.stopped().await;
        auction.offer(2, 110, cleo).await.unwrap();
        assert_eq!(auction.end().await.unwrap().sold, Some(("cleo".into(), 110)));
    }
}
