use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(when = *amont <= self.balance)]
    pub fn take(&mut self, amount: u64) {
        self.balance -= amount;
    }
}

fn main() {}
