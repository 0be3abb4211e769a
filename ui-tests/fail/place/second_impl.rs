use actor_core::prelude::*;

#[actor]
struct Account(u64);

#[actor]
impl Account {
    pub fn get(&self) -> u64 {
        self.0
    }
}

#[actor]
impl Account {
    pub fn set(&mut self, balance: u64) {
        self.0 = balance;
    }
    pub async fn later(&self, text: &str) -> Result<usize, String> {
        Ok(text.len())
    }
}

fn main() {}
