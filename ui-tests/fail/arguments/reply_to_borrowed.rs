#![allow(unused_variables)]
use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self, reply: &ReplyTo<u64>) {}
}

fn main() {}
