use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[cfg_attr(all(), message(skip))]
    pub fn open(&self) {}
}

fn main() {}
