//! Lints that the user forbids, one by one: generated code allows none of them, which would be an error.

#![forbid(
    deprecated,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    non_snake_case,
    private_bounds,
    private_interfaces,
    unnameable_types,
    unreachable_code,
    unreachable_pub,
    unused_qualifications
)]

use actor_core::prelude::*;

/// An account.
#[actor]
#[derive(Debug)]
struct Account {
    balance: u64,
}

#[actor(derive(Debug))]
impl Account {
    /// Sets it.
    pub(crate) fn set(&mut self, balance: u64) {
        self.balance = balance;
    }
    pub(crate) fn find(&self, name: &str, list: &[u8]) -> Option<String> {
        (name.len() > list.len()).then(|| name.to_owned())
    }
    #[message]
    async fn get(&mut self, _all: Vec<u8>, ctx: &mut Context<Self>) -> Result<u64, String> {
        ctx.stop();
        Ok(self.balance)
    }
}

fn main() {
    drop(async { Account { balance: 1 }.spawn() });
}
