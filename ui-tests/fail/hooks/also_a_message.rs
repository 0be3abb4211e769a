use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[on_start]
    #[message]
    pub fn begin(&mut self) {}
}

fn main() {}
