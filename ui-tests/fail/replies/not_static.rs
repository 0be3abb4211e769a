use actor_core::prelude::*;

struct Owner<'a>(&'a str);

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self) -> Owner {
        Owner("ann")
    }
}

fn main() {}
