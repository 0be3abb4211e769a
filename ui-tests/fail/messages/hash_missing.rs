use actor_core::prelude::*;

#[actor]
struct Account;

#[actor]
impl Account {
    [message(result = false)]
    pub fn open(&self) -> Result<u8, String> {
        Ok(1)
    }
}

async fn open(account: AccountHandle) {
    let opened: Result<Result<u8, String>, CallError> = account.open().await;
    drop(opened);
}

fn main() {
    drop(open(Account.spawn()));
}
