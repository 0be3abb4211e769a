use actor_core::prelude::*;
use std::cell::Cell;

#[actor]
struct Account {
    balance: Cell<u64>,
}

#[actor]
impl Account {
    #[message(concurrent)]
    pub async fn sum<N: Into<u64> + Send + 'static>(&self, more: N) -> u64 {
        std::future::ready(()).await;
        self.balance.get() + more.into()
    }
}

fn main() {}
