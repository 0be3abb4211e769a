use actor_core::prelude::*;

#[actor]
struct Account;

#[actor(crate = Self::core)]
impl Account {
    pub fn open(&self) {}
}

fn main() {}
