use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[started]
    fn begin(&mut self) {}
}

fn main() {}
