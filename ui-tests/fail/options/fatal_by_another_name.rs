use actor_core::prelude::*;

#[actor]
struct Account;

#[actor]
impl Account {
    #[message(escalate)]
    pub fn a(&self) -> Result<(), String> {
        Ok(())
    }

    #[message(fatl)]
    pub fn b(&self) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
