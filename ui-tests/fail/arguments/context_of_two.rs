#![allow(unused_variables)]
use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self, ctx: &mut Context<Self, u64>) {}
}

async fn use_it(account: AccountHandle) {
    let _ = account.get().await;
}

fn main() {
    drop(use_it(Account { balance: 1 }.spawn()));
}
