use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[on_start]
    fn begin(&mut self, balance: u64) {
        self.balance = balance;
    }
}

fn main() {}
