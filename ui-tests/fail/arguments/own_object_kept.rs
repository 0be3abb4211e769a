//! A mistake each: the argument, and the field that it is kept in.

use actor_core::prelude::*;

trait Listener {
    fn changed(&mut self, balance: u64);
}

struct Held<T: ?Sized + 'static>(&'static mut T);

#[actor]
struct Account {
    balance: u64,
    listener: Held<dyn Listener>,
}

#[actor]
impl Account {
    pub async fn keep(&mut self, listener: Held<dyn Listener>) {
        std::future::ready(()).await;
        self.listener = listener;
    }

    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }
}

async fn use_it(account: AccountHandle, listener: Held<dyn Listener>) -> Result<u64, CallError> {
    account.keep(listener).await?;
    account.deposit(1).await
}

fn main() {
    drop(use_it);
}
