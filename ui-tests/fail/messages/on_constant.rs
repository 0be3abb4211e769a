use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message]
    pub const LIMIT: u64 = 3;
}

fn main() {}
