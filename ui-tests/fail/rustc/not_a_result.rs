use actor_core::prelude::*;

struct Result<T, E>(T, E);

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self) -> Result<u64, u64> {
        Result(1, 2)
    }
}

fn main() {}
