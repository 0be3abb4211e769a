use actor_core::prelude::*;
use std::borrow::Cow;

#[actor]
struct Account {
    owner: &str,
    notes: Vec<&'_ [u8]>,
    bank: Cow<'_, str>,
    check: fn(&str) -> bool,
}

#[actor]
impl Account {
    #[on_start]
    async fn begin(&mut self) {}
    pub async fn deposit(&mut self, amount: u64) -> bool {
        (self.check)(self.owner) && amount > 0
    }
}

fn main() {}
