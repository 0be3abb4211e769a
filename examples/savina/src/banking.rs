//! **Bank Transaction** (concurrency): a teller has money paid from account to account, many payments at a time.
//!
//! An account that pays waits until the other has the money. While it waits it takes in what others pay, with `ctx.serving`, so two may pay each
//! other; the suite's accounts only pay those behind them, because they could not.

use crate::random::Random;
use crate::{Benchmark, Checked, Scale, equal};
use actor_core::prelude::*;
use futures::future::try_join_all;
use futures::stream::{self, TryStreamExt as _};

/// A teller and accounts.
#[derive(Clone, Copy, Debug)]
pub struct BankTransaction {
    /// How many accounts there are.
    pub accounts: usize,
    /// How many payments are made.
    pub payments: usize,
    /// How many of them at a time.
    pub at_once: usize,
}

#[actor]
#[derive(Default)]
struct Account {
    balance: i64,
}

#[actor]
impl Account {
    pub(crate) async fn pay(
        &mut self,
        ctx: &mut Context<Self>,
        to: AccountHandle,
        amount: i64,
    ) -> Result<(), CallError> {
        self.balance -= amount;
        ctx.serving(self, to.deposit(amount)).await
    }

    #[message(interleave)]
    pub(crate) fn deposit(&mut self, amount: i64) {
        self.balance += amount;
    }

    pub(crate) fn close(self) -> i64 {
        self.balance
    }
}

#[actor]
struct Teller {
    accounts: Vec<AccountHandle>,
}

#[actor]
impl Teller {
    pub(crate) async fn transact(&mut self, job: BankTransaction) -> Result<(), CallError> {
        let payments = job.payments().map(Ok);
        let paid = stream::iter(payments).try_for_each_concurrent(job.at_once, |(from, to, amount)| {
            self.accounts[from].pay(self.accounts[to].clone(), amount)
        });
        paid.await.map_err(CallError::flatten)
    }
}

impl BankTransaction {
    /// From where, to where, how much.
    fn payments(self) -> impl Iterator<Item = (usize, usize, i64)> + Send {
        let mut random = Random::new(123_456);
        (0..self.payments).map(move |_| {
            let from = random.below(self.accounts);
            let to = (from + 1 + random.below(self.accounts - 1)) % self.accounts;
            (from, to, random.below(1000) as i64)
        })
    }
}

impl Benchmark for BankTransaction {
    const TITLE: &'static str = "Bank Transaction";

    type Output = Vec<i64>;

    fn at(scale: Scale) -> Self {
        let (accounts, payments) = scale.of((10, 1000), (1000, 50_000));
        BankTransaction { accounts, payments, at_once: scale.of(100, 1000) }
    }

    async fn run(&self, how: &Spawn) -> Result<Vec<i64>, CallError> {
        let accounts: Vec<_> =
            (0..self.accounts).map(|_| Account::default().spawn_with(how.clone())).collect();
        let teller = Teller { accounts: accounts.clone() }.spawn_with(how.clone());
        teller.transact(*self).await.map_err(CallError::flatten)?;
        try_join_all(accounts.iter().map(AccountHandle::close)).await
    }

    fn check(&self, balances: Vec<i64>) -> Checked {
        let mut expected = vec![0; self.accounts];
        for (from, to, amount) in self.payments() {
            expected[from] -= amount;
            expected[to] += amount;
        }
        equal("balances", &balances, &expected)?;
        Ok(format!("{} payments, and no money lost", self.payments))
    }
}
