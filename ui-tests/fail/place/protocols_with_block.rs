use actor_core::prelude::*;

#[actor(protocols)]
struct Account(u64);

#[actor]
impl Account {
    pub fn get(&self) -> u64 {
        self.0
    }
}

fn main() {}
