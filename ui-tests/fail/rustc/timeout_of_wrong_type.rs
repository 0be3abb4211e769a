use actor_core::prelude::*;

fn seconds() -> u64 {
    5
}

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(timeout = self::seconds())]
    pub fn get(&self) {}
}

fn main() {}
