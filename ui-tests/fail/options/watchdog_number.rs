use actor_core::prelude::*;

#[actor(watchdog = 5)]
struct Account;

#[actor]
impl Account {
    pub fn open(&self) {}
}

fn main() {}
