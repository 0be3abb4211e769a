use actor_core::prelude::*;

struct Owner;

#[actor]
struct Account {
    balance: u64,
}

#[actor(derive_message(Clone))]
impl Account {
    pub fn get(&self) -> u64 {
        self.balance
    }
    pub fn put(&mut self, owner: Owner) {
        drop(owner);
    }
}

fn main() {}
