//! Protocols under all lints, with links that lead somewhere: see [`Bidder`], [`BidderHandle::limit`], [`BidderMessage::Beaten`],
//! [`BidderReply::Beaten`].

// To allow one of these would be an error.
#![forbid(
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    dead_code,
    elided_lifetimes_in_paths,
    missing_docs,
    rustdoc::broken_intra_doc_links,
    rustdoc::private_intra_doc_links,
    unreachable_code,
    unreachable_patterns,
    unreachable_pub,
    unused_must_use,
    unused_mut,
    unused_qualifications,
    unused_results,
    unused_variables
)]

use actor_core::prelude::*;
use futures::stream::{self, Stream};
use std::borrow::Cow;
use std::time::Duration;

/// What [`Bidder::bid`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooDear;

impl std::fmt::Display for TooDear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("too dear")
    }
}

impl std::error::Error for TooDear {}

/// Whoever bids: see [`Self::limit`], [`Bidder::bid`] and [`BidderHandle`].
#[actor(derive(Debug), derive_message(Clone, PartialEq, Eq))]
pub trait Bidder: Sync {
    /// Somebody bid `best`, more than [`Self::limit`].
    fn beaten(&mut self, best: u64, by: &str);

    /// How far it goes.
    #[message(timeout = Duration::from_secs(3))]
    async fn limit(&self) -> u64;

    /// Asks for a bid.
    ///
    /// # Errors
    ///
    /// [`TooDear`] if there is none: see [`limit`](Self::limit).
    #[message(interleave)]
    fn bid(&mut self, best: u64) -> Result<u64, TooDear>;

    /// Twice [`Self::limit`].
    #[must_use]
    async fn twice(&self) -> u64 {
        self.limit().await.saturating_mul(2)
    }

    /// Raises it, at the cost of `cow`.
    async fn raised(&mut self, cow: Cow<'_, str>, by: impl Into<u64> + Send) -> Result<u64, TooDear> {
        let best = by.into();
        self.beaten(best, &cow);
        self.bid(best)
    }

    /// Answers later.
    fn later(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<u64>);

    /// All bids up to `limit`.
    fn bids(&self, limit: u64) -> impl Stream<Item = u64>;

    /// Has gone.
    #[deprecated = "use `limit`"]
    fn old(&self) -> u64 {
        1
    }

    /// Leaves.
    fn leave(self) -> u64
    where
        Self: Sized,
    {
        2
    }
}

/// Of this crate: who sells, too.
#[actor(extends = Bidder)]
pub(crate) trait Seller<K>: Bidder
where
    K: Clone + Send + 'static,
{
    /// What it sells.
    fn lots(&self) -> Vec<K>;
}

/// Of this module.
#[actor]
trait Secretive {
    /// Tells it.
    fn tell(&mut self, secret: Secret) -> Secret;
}

/// Of this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Secret(u64);

/// Who implements them.
#[actor]
#[derive(Debug)]
pub struct Client {
    /// How far it goes.
    top: u64,
    /// Who bid more.
    by: String,
}

#[actor]
impl Client {}

impl Bidder for Client {
    fn beaten(&mut self, best: u64, by: &str) {
        by.clone_into(&mut self.by);
        self.top = if by.is_empty() { self.top } else { best };
    }
    async fn limit(&self) -> u64 {
        tokio::task::yield_now().await;
        self.top
    }
    fn bid(&mut self, best: u64) -> Result<u64, TooDear> {
        if best < self.top { Ok(best.saturating_add(1)) } else { Err(TooDear) }
    }
    fn later(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<u64>) {
        if ctx.caller_gone() || reply.send(self.top).is_err() {
            ctx.stop();
        }
    }
    fn bids(&self, limit: u64) -> impl Stream<Item = u64> {
        stream::iter(0..limit)
    }
}

impl Seller<String> for Client {
    fn lots(&self) -> Vec<String> {
        vec![self.top.to_string()]
    }
}

impl Secretive for Client {
    fn tell(&mut self, secret: Secret) -> Secret {
        Secret(secret.0.saturating_add(self.top))
    }
}

/// Asks them all.
///
/// # Errors
///
/// If one does not answer.
pub async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client { top: 5, by: String::new() }.spawn();
    let secretive = SecretiveHandle::from(client.clone());
    let seller = SellerHandle::<String>::from(client);
    let lots = seller.lots().await?;
    let bidder = BidderHandle::from(seller);
    bidder.beaten(7, "ann").await?;
    let all = [
        bidder.limit().await?,
        bidder.bid(6).await?,
        bidder.twice().await?,
        bidder.raised("", 3_u64).await?,
        bidder.later().await?,
        secretive.tell(Secret(1)).await?.0,
    ];
    let mut bids = bidder.bids(2).await?;
    let first = bids.next().await.transpose()?;
    drop(bids);
    let is_right = all == [7, 7, 14, 4, 7, 8] && lots == ["5"] && first == Some(0);
    if is_right && bidder.leave().await? == 2 { Ok(()) } else { Err("another answer".into()) }
}
