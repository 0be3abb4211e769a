#![allow(unused_variables)]
use actor_core::prelude::*;

struct Owner<'a>(&'a str);

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn set(&mut self, owner: Owner) {}
}

fn main() {}
