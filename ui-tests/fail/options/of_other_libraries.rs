use actor_core::prelude::*;

#[actor(capacity = 3)]
struct Account;

#[actor]
impl Account {
}

fn main() {}
