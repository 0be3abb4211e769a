//! From objects: getters that lend what is inside, to read and to change.

use actor_core::prelude::*;

#[actor]
struct Account {
    owner: String,
    history: Vec<u64>,
}

#[actor]
impl Account {
    pub fn owner(&self) -> &String {
        &self.owner
    }

    pub fn history(&mut self) -> &mut Vec<u64> {
        &mut self.history
    }

    pub fn largest(&self) -> Option<&u64> {
        self.history.iter().max()
    }
}

async fn run(account: AccountHandle) -> Result<(), CallError> {
    println!("{}", account.owner().await?);
    account.history().await?.push(1);
    Ok(())
}

fn main() {
    drop(run(Account { owner: String::new(), history: Vec::new() }.spawn()));
}
