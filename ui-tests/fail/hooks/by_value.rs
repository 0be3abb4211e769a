use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[on_stop]
    fn end(self) {}
}

fn main() {}
