use actor_core::prelude::*;

#[actor(direct = Self::ROOM)]
struct Account;

impl Account {
    const ROOM: usize = 1;
}

#[actor]
impl Account {
    pub fn open(&self) {}
}

fn main() {}
