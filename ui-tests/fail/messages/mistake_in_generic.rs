//! A generic actor with a mistake in it is an actor to its callers.

use actor_core::prelude::*;

#[actor]
struct Shop<T> {
    item: T,
}

#[actor]
impl<T: Clone + Send + 'static> Shop<T> {
    #[message(interleave, foo)]
    pub fn get(&self) -> T {
        self.item.clone()
    }

    pub async fn put(&mut self, item: T) {
        self.item = item;
    }
}

async fn run() -> Result<u64, CallError> {
    let shop = Shop { item: 1 }.spawn();
    shop.put(2).await?;
    shop.get().await
}

fn main() {
    drop(run());
}
