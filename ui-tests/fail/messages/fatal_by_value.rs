use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(fatal)]
    pub fn close(self) -> Result<u64, String> {
        Ok(self.balance)
    }
}

fn main() {}
