use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[on_exit]
    fn gone(&mut self) {}
}

fn main() {}
