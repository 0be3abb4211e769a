use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[onstop]
    fn end(&mut self) {}
}

fn main() {}
