//! From kameo: a struct a message, and an impl of `Message` for it.

use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

struct Deposit {
    amount: u64,
}

impl Message<Deposit> for Account {
    type Reply = u64;

    async fn handle(&mut self, message: Deposit, _: &mut Context<Self>) -> u64 {
        self.balance += message.amount;
        self.balance
    }
}

#[actor]
impl Account {}

fn main() {}
