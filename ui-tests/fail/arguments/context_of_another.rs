#![allow(unused_variables)]
use actor_core::prelude::*;

#[actor]
struct Bank;

#[actor]
impl Bank {}

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self, ctx: &mut Context<Bank>) {}
}

fn main() {}
