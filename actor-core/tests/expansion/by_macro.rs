//! The same account with the macro.

use super::{Closed, Overdrawn};
use actor_core::prelude::*;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// An account that never goes below zero.
#[actor(mailbox = 16)]
pub struct Account {
    owner: String,
    balance: u64,
    log: Arc<Mutex<Vec<String>>>,
}

#[actor(derive_message(Debug, Clone), derive_reply(Debug))]
impl Account {
    /// Opens an account.
    pub fn open(owner: impl Into<String>, log: Arc<Mutex<Vec<String>>>) -> Self {
        Account { owner: owner.into(), balance: 0, log }
    }

    #[on_start]
    fn begin(&mut self) -> Result<(), Closed> {
        self.note("begin");
        if self.owner.is_empty() { Err(Closed) } else { Ok(()) }
    }

    #[on_stop]
    async fn end(&mut self, ctx: &mut Context<Self>) {
        self.note(&format!("end of {}", ctx.name().unwrap_or("nobody")));
    }

    /// Adds `amount` and returns the new balance.
    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }

    /// Takes `amount` away.
    pub fn withdraw(&mut self, amount: u64) -> Result<u64, Overdrawn> {
        self.balance =
            self.balance.checked_sub(amount).ok_or(Overdrawn { balance: self.balance, asked: amount })?;
        Ok(self.balance)
    }

    /// The owner's name.
    pub fn rename(&mut self, owner: &str) -> String {
        std::mem::replace(&mut self.owner, owner.to_owned())
    }

    /// Moves `amount` to another account.
    #[message(timeout = Duration::from_secs(5))]
    pub async fn pay(&mut self, to: AccountHandle, amount: u64) -> Result<(), CallError<Overdrawn>> {
        self.withdraw(amount).map_err(CallError::Handler)?;
        to.deposit(amount).await.map_err(CallError::widen)?;
        Ok(())
    }

    /// Answers later.
    pub fn balance_later(&self, reply: ReplyTo<u64>) {
        let balance = self.balance;
        std::thread::spawn(move || reply.send(balance));
    }

    /// The last message.
    pub fn close(self) -> u64 {
        self.balance
    }

    fn note(&self, what: &str) {
        self.log.lock().unwrap().push(what.to_owned());
    }
}
