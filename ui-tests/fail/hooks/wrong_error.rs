use actor_core::prelude::*;
use std::error::Error;

struct Overdrawn;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[on_start]
    async fn begin(&mut self) -> Result<(), Box<dyn Error>> {
        self.balance = "10".parse()?;
        Ok(())
    }

    #[on_stop]
    fn end(&mut self) -> Result<(), Overdrawn> {
        Ok(())
    }
}

fn main() {}
