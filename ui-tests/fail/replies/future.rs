use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self) -> impl Future<Output = u64> {
        std::future::ready(self.balance)
    }
}

fn main() {}
