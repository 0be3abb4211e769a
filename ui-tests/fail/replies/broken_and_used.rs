use actor_core::prelude::*;

#[derive(Debug)]
pub struct Overdrawn(u64);

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn get(&self) -> Result<&u64, Overdrawn> {
        Ok(&self.balance)
    }
}

async fn uses_it(account: AccountHandle) -> Result<u64, Box<dyn std::error::Error>> {
    match account.get().await {
        Ok(balance) => println!("{}", balance + 1),
        Err(CallError::Handler(Overdrawn(asked))) => println!("{asked}"),
        Err(other) => println!("{}", other.never_ran()),
    }
    assert!(matches!(account.get().await, Err(CallError::Handler(Overdrawn(5)))));
    let balance: u64 = account.get().await.map_err(CallError::boxed)?;
    Ok(balance.max(account.get().await?.pow(2)))
}

fn main() {
    drop(uses_it(Account { balance: 1 }.spawn()));
}
