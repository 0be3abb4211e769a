use actor_core::prelude::*;

#[actor]
struct Account;

#[actor(derive(Debug))]
impl Account {
    #[deprecated = "use `total`"]
    #[deprecated = "use `total`"]
    pub fn balance(&self) -> u64 {
        1
    }

    #[deprecated = "use `total`"] [deprecated = "use `total`"]
    pub fn sum(&self) -> u64 {
        1
    }

    pub fn total(&self) -> u64 {
        1
    }
}

async fn run(account: AccountHandle) -> Result<u64, CallError> {
    account.total().await
}

fn main() {
    drop(run);
}
