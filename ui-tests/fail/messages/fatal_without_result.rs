use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(fatal)]
    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }

    #[message(fatal, result = false)]
    pub fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
