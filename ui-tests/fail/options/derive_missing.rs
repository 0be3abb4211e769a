use actor_core::prelude::*;

#[actor]
struct Account;

#[actor((Clone, Debug))]
impl Account {
    pub fn open(&self) {}
}

fn main() {
    println!("{:?}", AccountMessage::Open.clone());
}
