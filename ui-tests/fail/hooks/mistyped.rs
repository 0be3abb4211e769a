use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[on_strat]
    fn begin(&mut self) {}
}

fn main() {}
