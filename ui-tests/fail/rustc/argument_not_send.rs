#![allow(unused_variables)]
use actor_core::prelude::*;

struct NotSend(*const u8);

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn set(&mut self, balance: NotSend) {}
}

fn main() {}
