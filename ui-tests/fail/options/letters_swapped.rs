use actor_core::prelude::*;

#[actor(driect = false)]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(nmae = Paid)]
    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }
    #[message(siwtch)]
    pub fn withdraw(&mut self, amount: u64) -> u64 {
        self.balance -= amount;
        self.balance
    }
    #[message(ksip)]
    pub fn balance(&self) -> u64 {
        self.balance
    }
}

fn main() {}
