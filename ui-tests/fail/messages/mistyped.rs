use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[mesage]
    fn get(&self) -> u64 {
        self.balance
    }
}

fn main() {}
