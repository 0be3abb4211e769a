use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[on_start]
    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }
}

async fn deposit(account: AccountHandle) -> AccountReply {
    drop(account.deposit(1).await);
    drop(AccountMessage::Deposit { amount: 1 });
    AccountReply::Deposit(1)
}

fn main() {
    drop(deposit(Account { balance: 1 }.spawn()));
}
