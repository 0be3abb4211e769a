#![deny(unused_must_use)]
use actor_core::prelude::*;

#[actor]
struct Account;

#[actor]
impl Account {
    pub fn open(&self) {}
}

fn use_it(account: &AccountHandle) {
    account.open();
}

fn main() {}
