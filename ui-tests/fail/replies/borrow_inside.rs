use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn owner(&self) -> Option<&[u8]> {
        None
    }
}

fn main() {}
