use actor_core::prelude::*;

#[actor(mailbx = 3)]
struct Account;

#[actor]
impl Account {
    pub fn open(&self) {}
}

fn main() {}
