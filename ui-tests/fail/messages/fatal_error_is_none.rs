use actor_core::prelude::*;

#[derive(Debug)]
pub struct Overdrawn;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(fatal)]
    pub fn withdraw(&mut self, amount: u64) -> Result<u64, Overdrawn> {
        self.balance = self.balance.checked_sub(amount).ok_or(Overdrawn)?;
        Ok(self.balance)
    }
}

fn main() {}
