//! A price search over many shops at once, with a limit: what is best so far is seen at once, and is the answer when time is up.

use actor_core::prelude::*;
use futures::stream::{FuturesUnordered, Stream, StreamExt as _};
use std::future::ready;
use std::time::Duration;
use tokio::time::sleep;

/// Looks an item up, which may take long.
#[actor]
pub(crate) struct Shop {
    sells: &'static str,
    price: u64,
    takes: Duration,
    /// Searches that nobody waited for to the end.
    given_up: u32,
}

#[actor]
impl Shop {
    /// `None` when it does not have it, or nobody waits any more.
    pub(crate) async fn price(&mut self, ctx: &mut Context<Self>, item: &str) -> Option<Offer> {
        tokio::select! {
            () = sleep(self.takes) => (item == self.sells).then(|| Offer {
                price: self.price,
                shop: ctx.name().unwrap_or_default().to_owned(),
            }),
            () = ctx.cancelled() => {
                self.given_up += 1;
                None
            }
        }
    }

    #[message(urgent)]
    pub(crate) fn given_up(&self) -> u32 {
        self.given_up
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Offer {
    price: u64,
    shop: String,
}

#[actor]
pub(crate) struct Search {
    shops: Vec<ShopHandle>,
}

#[actor]
impl Search {
    /// What the shops say, as they say it, until `limit`. It runs beside the actor, which answers the next one meanwhile.
    pub(crate) fn offers(&self, item: &str, limit: Duration) -> impl Stream<Item = Offer> + Send + 'static {
        let asked: FuturesUnordered<_> =
            self.shops.iter().map(|shop| shop.price(item).timeout(limit).start()).collect();
        asked.filter_map(|offer| ready(offer.ok().flatten()))
    }
}

/// The cheapest that is known when time is up, and each that was the cheapest for a while.
async fn cheapest(search: &SearchHandle, item: &str, limit: Duration) -> Result<Vec<Offer>, CallError> {
    let mut best: Vec<Offer> = Vec::new();
    let mut offers = search.offers(item, limit).await?;
    while let Some(offer) = offers.next().await {
        let offer = offer?;
        if best.last().is_none_or(|best| offer < *best) {
            best.push(offer);
        }
    }
    Ok(best)
}

/// Shops with what they sell, its price, and the milliseconds that they take to say it.
fn market(shops: &[(&str, &'static str, u64, u64)]) -> (SearchHandle, Vec<ShopHandle>) {
    let open = |&(name, sells, price, takes)| {
        let shop = Shop { sells, price, takes: Duration::from_millis(takes), given_up: 0 };
        shop.spawn_with(Spawn::new().name(name))
    };
    let shops: Vec<_> = shops.iter().map(open).collect();
    (Search { shops: shops.clone() }.spawn(), shops)
}

const SHOPS: [(&str, &str, u64, u64); 5] = [
    ("corner shop", "lamp", 90, 5),
    ("mall", "lamp", 70, 20),
    ("airport", "suitcase", 50, 30),
    ("outlet", "lamp", 40, 60),
    ("flea market", "lamp", 10, 5000),
];

pub(crate) async fn run() -> Result<(), CallError> {
    let (search, shops) = market(&SHOPS);
    for limit in [10, 50, 100].map(Duration::from_millis) {
        let best = cheapest(&search, "lamp", limit).await?;
        let best: Vec<_> = best.iter().map(|Offer { price, shop }| format!("{price} ({shop})")).collect();
        println!("within {limit:?}: {}", best.join(", then "));
    }
    for shop in &shops {
        let name = shop.name().unwrap_or_default();
        println!("the {name} heard {} times of 3 that nobody waits any more", shop.given_up().await?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn the_best_so_far_when_time_is_up() {
        let (search, shops) = market(&SHOPS);
        let start = Instant::now();
        let best = cheapest(&search, "lamp", Duration::from_millis(50)).await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_millis(50));
        assert_eq!(best.iter().map(|best| best.price).collect::<Vec<_>>(), [90, 70]);
        let given_up = futures::future::try_join_all(shops.iter().map(|shop| shop.given_up())).await;
        assert_eq!(given_up.unwrap(), [0, 0, 0, 1, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn it_does_not_wait_when_all_have_answered() {
        let (search, _shops) = market(&SHOPS[..3]);
        let start = Instant::now();
        let best = cheapest(&search, "lamp", Duration::from_secs(60)).await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_millis(30));
        assert_eq!(best.last().map(|best| best.price), Some(70));
    }

    #[tokio::test(start_paused = true)]
    async fn a_shop_that_is_gone_has_no_offer() {
        let (search, shops) = market(&SHOPS[..2]);
        shops[1].kill();
        let best = cheapest(&search, "lamp", Duration::from_secs(60)).await.unwrap();
        assert_eq!(best.last().map(|best| best.price), Some(90));
    }
}
