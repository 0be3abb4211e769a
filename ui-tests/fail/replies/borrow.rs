use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn owner(&self) -> &str {
        "ann"
    }
}

fn main() {}
