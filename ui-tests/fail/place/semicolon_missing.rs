use actor_core::prelude::*;

#[actor]
struct Account(u64)

#[actor]
impl Account {
    pub fn get(&self) -> u64 {
        self.0
    }
}

fn main() {
    drop(Account(1).spawn().get());
}
