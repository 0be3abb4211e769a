use actor_core::prelude::*;

trait Listener: Send {
    fn changed(&self, balance: u64);
}

#[actor]
struct Account {
    owner: str,
    balance: u64,
    listener: dyn Listener,
}

#[actor]
impl Account {
    pub fn deposit(&mut self, amount: u64) -> usize {
        self.balance += amount;
        self.listener.changed(self.balance);
        self.owner.len()
    }
}

async fn use_it(account: AccountHandle) -> Result<usize, CallError> {
    account.deposit(1).await
}

fn main() {}
