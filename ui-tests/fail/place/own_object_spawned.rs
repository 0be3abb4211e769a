//! Whoever spawns it asks for itself.

use actor_core::prelude::*;

trait Listener {
    fn changed(&mut self, balance: u64);
}

struct Held<T: ?Sized + 'static>(&'static mut T);

#[actor]
struct Account(u64, Held<dyn Listener>);

#[actor]
impl Account {
    pub async fn deposit(&mut self, amount: u64) -> u64 {
        self.0 += amount;
        self.1.0.changed(self.0);
        std::future::ready(self.0).await
    }
}

async fn run(listener: Held<dyn Listener>) -> Result<u64, CallError> {
    let account = Account(0, listener).spawn();
    account.deposit(1).await
}

fn main() {
    drop(run);
}
