//! `Self` in the options and bounds of generic methods, where it is the actor and not its handle.

use actor_core::prelude::*;
use std::time::Duration;

pub trait Priced {
    type Price: From<u8> + Send + 'static;
}

#[actor]
pub struct Shop<T> {
    goods: Vec<T>,
}

impl<T: Send + 'static> Priced for Shop<T> {
    type Price = u16;
}

impl<T> Shop<T> {
    const PATIENCE: Duration = Duration::from_secs(5);
}

#[actor]
impl<T: Clone + Send + 'static> Shop<T>
where
    Self: Sized + Priced<Price = u16>,
{
    #[message(timeout = Self::PATIENCE)]
    pub fn price<F>(&self, f: F) -> <Self as Priced>::Price
    where
        Self: Priced,
        F: FnOnce(usize) -> <Self as Priced>::Price,
        Vec<T>: Sized,
    {
        f(self.goods.len())
    }
    #[message(interleave, timeout = Self::PATIENCE)]
    #[rustfmt::skip]
    pub async fn sell(&mut self, choose: impl FnMut(&T) -> bool + Send +) -> Option<T> {
        let chosen = self.goods.iter().position(choose)?;
        Some(self.goods.swap_remove(chosen))
    }
}

fn main() {
    let shop = Shop { goods: vec!["tea", "salt"] };
    let runs = async {
        let shop = shop.spawn();
        assert_eq!(shop.price(|count| count as u16 * 3).await.unwrap(), 6);
        assert_eq!(shop.sell(|name| name.len() == 4).await.unwrap(), Some("salt"));
    };
    drop(runs);
}
