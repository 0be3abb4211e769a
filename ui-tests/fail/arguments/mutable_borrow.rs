#![allow(unused_variables)]
use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn fill(&self, buffer: &mut Vec<u8>) {}
}

fn main() {}
