//! Whether the trait says `Send` is only known to rustc.

use actor_core::prelude::*;

trait Listener {
    fn changed(&mut self, balance: u64);
}

struct Held<T: ?Sized + 'static>(&'static mut T);

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub async fn tell(&mut self, listener: Held<dyn Listener>) -> u64 {
        std::future::ready(()).await;
        listener.0.changed(self.balance);
        self.balance
    }

    pub async fn read(&self, listener: Held<dyn Listener>) -> u64 {
        std::future::ready(()).await;
        drop(listener);
        self.balance
    }

    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }
}

async fn run(listener: Held<dyn Listener>) -> Result<u64, CallError> {
    let account = Account { balance: 0 }.spawn();
    account.tell(listener).await?;
    account.deposit(1).await
}

fn main() {
    drop(run);
}
