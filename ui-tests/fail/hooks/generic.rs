use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[on_start]
    fn begin<T>(&mut self) {}
}

fn main() {}
