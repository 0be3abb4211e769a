#![allow(unused_variables)]
use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn poll(&mut self, cx: &mut std::task::Context<'_>) {}
}

fn main() {}
