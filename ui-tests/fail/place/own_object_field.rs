//! Whether the trait says `Send` is only known to rustc, which says it once, whatever the actor does.

use actor_core::prelude::*;

trait Listener {
    fn changed(&mut self, balance: u64);
}

struct Held<T: ?Sized + 'static>(&'static mut T);

#[actor]
struct Account {
    balance: u64,
    listener: Held<dyn Listener>,
    owner: Owner,
}

struct Owner;

#[actor]
impl Account {
    #[on_start]
    async fn begin(&mut self) {
        std::future::ready(()).await;
        self.balance = 0;
    }

    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.listener.0.changed(self.balance);
        self.balance
    }

    pub async fn later(&mut self) -> u64 {
        std::future::ready(()).await;
        self.balance
    }

    pub async fn close(self) -> Owner {
        self.owner
    }
}

async fn use_it(account: AccountHandle) -> Result<Owner, CallError> {
    account.deposit(1).await?;
    account.later().await?;
    account.close().await
}

fn main() {
    drop(use_it);
}
