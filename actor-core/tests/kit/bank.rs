//! An account and its bank, the neighbour that tests stand in for.

use actor_core::prelude::*;
use std::time::Duration;

/// Notes what is paid.
#[actor]
#[derive(Default)]
pub struct Bank {
    total: u64,
    names: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0} is too much")]
pub struct TooMuch(pub u64);

#[actor(derive(Clone, Debug, PartialEq))]
impl Bank {
    /// Adds `amount` to what was paid in all.
    pub fn note(&mut self, amount: u64) -> u64 {
        self.total += amount;
        self.total
    }

    pub fn lend(&mut self, amount: u64) -> Result<u64, TooMuch> {
        self.total = self.total.checked_sub(amount).ok_or(TooMuch(amount))?;
        Ok(self.total)
    }

    /// Takes its time.
    pub async fn count(&mut self, time: Duration) -> u64 {
        tokio::time::sleep(time).await;
        self.total
    }

    #[message(timeout = Duration::from_millis(55))]
    pub fn hurry(&mut self) -> u64 {
        self.total
    }

    pub fn rename(&mut self, name: &str) {
        self.names.push(name.to_owned());
    }

    /// The last message.
    pub fn close(self) -> u64 {
        self.total
    }

    pub fn with<R: Send + 'static>(&mut self, f: impl FnOnce(&mut u64) -> R + Send + 'static) -> R {
        f(&mut self.total)
    }
}

/// Who may be asked for advice.
#[actor(derive(Clone, Debug, PartialEq))]
pub trait Adviser {
    fn advise(&self, amount: u64) -> bool;
    #[message(timeout = Duration::from_millis(20))]
    async fn ponder(&self) -> u64;
}

#[actor(extends = Adviser, derive(Clone, Debug, PartialEq))]
pub trait Broker: Adviser {
    fn broke(&mut self) -> u64;
}

impl Adviser for Bank {
    fn advise(&self, amount: u64) -> bool {
        amount < self.total
    }
    async fn ponder(&self) -> u64 {
        self.total
    }
}

impl Broker for Bank {
    fn broke(&mut self) -> u64 {
        self.total
    }
}

/// Pays through a bank.
#[actor]
pub struct Account {
    pub balance: u64,
    pub bank: BankHandle,
}

#[derive(Debug, thiserror::Error)]
pub enum PayError {
    #[error("not that much")]
    TooLittle,
    #[error("the bank: {0}")]
    Bank(#[from] CallError),
}

#[actor]
impl Account {
    /// Pays and has it noted: if that failed for certain it is not paid.
    pub async fn pay(&mut self, amount: u64) -> Result<u64, PayError> {
        let left = self.balance.checked_sub(amount).ok_or(PayError::TooLittle)?;
        match self.bank.note(amount).timeout(Duration::from_secs(1)).await {
            Ok(_) => {}
            Err(error) if error.never_ran() => return Err(error.into()),
            Err(error) => {
                self.balance = left;
                return Err(error.into());
            }
        }
        self.balance = left;
        Ok(left)
    }

    pub fn balance(&self) -> u64 {
        self.balance
    }
}
