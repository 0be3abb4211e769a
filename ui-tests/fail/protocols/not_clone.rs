use actor_core::prelude::*;

struct Order {
    amount: u64,
}

#[actor]
trait Orders {
    async fn place(&mut self, order: &Order) -> u64;
    fn count(&self) -> usize;
}

#[actor(protocols)]
struct Account {
    balance: u64,
}

impl Orders for Account {
    async fn place(&mut self, order: &Order) -> u64 {
        self.balance += order.amount;
        self.balance
    }
    fn count(&self) -> usize {
        0
    }
}

async fn run() -> Result<usize, CallError> {
    let orders = OrdersHandle::from(Account { balance: 0 }.spawn());
    orders.place(Order { amount: 1 }).await?;
    orders.count().await
}

fn main() {
    drop(run);
}
