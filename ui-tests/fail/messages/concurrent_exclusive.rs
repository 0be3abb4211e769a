use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(concurrent)]
    pub async fn get(&mut self) {}
}

fn main() {}
