use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[every(std::time::Duration::from_secs(1))]
    fn tick(&mut self) {}
}

fn main() {}
