use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn rename<'a>(&mut self, owner: &'a [&'a str]) -> usize {
        owner.len()
    }
}

fn main() {}
