#![allow(unused_variables)]
use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn rename(&mut self, owner: &mut String) {}
    pub unsafe fn open(&self) {}
    pub fn owner(&self) -> &str {
        "ann"
    }
    pub fn balance(&self) -> u64 {
        self.balance
    }
}

fn main() {}
