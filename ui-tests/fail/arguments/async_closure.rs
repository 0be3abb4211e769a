use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub async fn with<R: Send + 'static>(&mut self, f: impl AsyncFnOnce(&mut u64) -> R + Send + 'static) -> R {
        f(&mut self.balance).await
    }

    pub async fn change<F>(&mut self, f: F)
    where
        F: AsyncFnOnce(u64) -> u64 + Send + 'static,
    {
        self.balance = f(self.balance).await;
    }
}

async fn run(account: AccountHandle) -> Result<(), CallError> {
    account.change(async |balance| balance + 1).await
}

fn main() {
    drop(run(Account { balance: 0 }.spawn()));
}
