use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn open(&self)
    where
        Self: Sized,
    {
    }
}

fn main() {}
