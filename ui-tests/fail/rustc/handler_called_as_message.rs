use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn twice(&self) -> u64 {
        self.get().await + self.get()
    }
    pub fn get(&self) -> u64 {
        self.balance
    }
}

fn main() {}
