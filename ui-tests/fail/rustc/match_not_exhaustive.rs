use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self) -> u64 {
        self.balance
    }
    pub fn set(&mut self, balance: u64) {
        self.balance = balance;
    }
}

fn name(message: &AccountMessage) -> &str {
    match message {
        AccountMessage::Get => "get",
    }
}

fn main() {
    name(&AccountMessage::Get);
}
