use actor_core::prelude::*;

#[actor]
union Account {
    balance: u64,
}

fn main() {}
