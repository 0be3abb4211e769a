use actor_core::prelude::*;

struct Account;

#[actor]
impl Account {
    pub fn open(&self) {}
}

fn main() {}
