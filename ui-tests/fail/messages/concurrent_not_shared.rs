use actor_core::prelude::*;

#[actor]
struct Account {
    balance: std::cell::Cell<u64>,
}

#[actor]
impl Account {
    #[message(concurrent)]
    pub async fn get(&self) -> u64 {
        std::future::ready(()).await;
        self.balance.get()
    }
}

fn main() {}
