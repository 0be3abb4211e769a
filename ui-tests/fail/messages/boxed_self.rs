use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn close(self: Box<Self>) -> u64 {
        self.balance
    }
}

fn main() {}
