//! Of a generic actor, the impl block says what its parameters are.

use actor_core::prelude::*;

trait Listener<T> {
    fn changed(&mut self, balance: &T);
}

struct Held<T: ?Sized + 'static>(&'static mut T);

#[actor]
struct Account<T: 'static> {
    balance: T,
    listener: Held<dyn Listener<T>>,
}

#[actor]
impl<T: Clone + Send> Account<T> {
    pub fn set(&mut self, balance: T) -> T {
        self.listener.0.changed(&balance);
        std::mem::replace(&mut self.balance, balance)
    }

    pub async fn later(&mut self) -> T {
        std::future::ready(()).await;
        self.balance.clone()
    }
}

async fn use_it(account: AccountHandle<u64>) -> Result<u64, CallError> {
    account.set(1).await?;
    account.later().await
}

fn main() {
    drop(use_it);
}
