#![allow(unused_variables)]
use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[on_start]
    fn begin(&mut self, ctx: &mut Context) {}
}

fn main() {}
