//! Accounts that pay each other at the same moment, without a lock, and no money is lost.
//!
//! An account that pays waits for the one that is paid, which may be paying it. So it takes deposits while it waits.

use actor_core::prelude::*;
use futures::future::join_all;
use std::time::Duration;
use thiserror::Error;
use tokio::time::sleep;

#[actor]
pub(crate) struct Account {
    balance: u64,
    /// What was paid, and perhaps arrived: somebody has to look.
    in_doubt: u64,
}

#[derive(Debug, Error)]
pub(crate) enum Unpaid {
    #[error("there are only {balance}")]
    Overdrawn { balance: u64 },
    #[error("given back: {0}")]
    GivenBack(CallError),
    #[error("in doubt: {0}")]
    InDoubt(CallError),
}

#[actor]
impl Account {
    pub(crate) async fn pay(
        &mut self,
        ctx: &mut Context<Self>,
        to: AccountHandle,
        amount: u64,
    ) -> Result<(), Unpaid> {
        let left = self.balance.checked_sub(amount);
        self.balance = left.ok_or(Unpaid::Overdrawn { balance: self.balance })?;
        match ctx.serving(self, to.deposit(amount)).await {
            Ok(()) => Ok(()),
            Err(error) if error.never_ran() => {
                self.balance += amount;
                Err(Unpaid::GivenBack(error))
            }
            Err(error) => {
                self.in_doubt += amount;
                Err(Unpaid::InDoubt(error))
            }
        }
    }

    /// Takes a moment, as if it were written down somewhere.
    #[message(interleave)]
    pub(crate) async fn deposit(&mut self, amount: u64) {
        sleep(Duration::from_millis(1)).await;
        self.balance += amount;
    }

    /// What there is, and what is in doubt.
    #[message(interleave)]
    pub(crate) fn balance(&self) -> (u64, u64) {
        (self.balance, self.in_doubt)
    }

    /// At once: payments that wait for their turn are not made.
    #[message(urgent)]
    pub(crate) fn close(self) -> u64 {
        self.balance
    }
}

fn open(name: &str, balance: u64) -> AccountHandle {
    Account { balance, in_doubt: 0 }.spawn_with(Spawn::new().name(name))
}

pub(crate) async fn run() -> Result<(), CallError> {
    let [ann, bob, cleo] = ["ann", "bob", "cleo"].map(|name| open(name, 1000));
    let payments = (0..25)
        .flat_map(|n| [ann.pay(bob.clone(), 10 + n), bob.pay(ann.clone(), 30 - n), ann.pay(cleo.clone(), 1)]);
    let (payments, closed) = tokio::join!(join_all(payments), async {
        sleep(Duration::from_millis(10)).await;
        cleo.close().await
    });
    let paid = payments.iter().filter(|payment| payment.is_ok()).count();
    println!("{paid} of {} payments were made", payments.len());
    if let Some(Err(error)) = payments.last() {
        println!("the last one was not: {error}");
    }
    let ((ann, _), (bob, _), cleo) = (ann.balance().await?, bob.balance().await?, closed?);
    println!("ann {ann} + bob {bob} + cleo {cleo} = {}", ann + bob + cleo);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fifty payments each way, all at once.
    async fn both_pay(ann: &AccountHandle, bob: &AccountHandle) -> Vec<Result<(), CallError<Unpaid>>> {
        join_all((0..50).flat_map(|n| [ann.pay(bob.clone(), n % 7), bob.pay(ann.clone(), n % 5)])).await
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn both_pay_each_other_and_nothing_is_lost() {
        let (ann, bob) = (open("ann", 1000), open("bob", 1000));
        assert!(both_pay(&ann, &bob).await.iter().all(Result::is_ok));
        let to_bob: u64 = (0..50).map(|n| n % 7).sum();
        let to_ann: u64 = (0..50).map(|n| n % 5).sum();
        assert_eq!(ann.balance().await.unwrap(), (1000 + to_ann - to_bob, 0));
        assert_eq!(bob.balance().await.unwrap(), (1000 + to_bob - to_ann, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn one_closes_in_the_middle_and_nothing_is_lost() {
        let (ann, bob) = (open("ann", 1000), open("bob", 1000));
        let (payments, closed) = tokio::join!(both_pay(&ann, &bob), async {
            sleep(Duration::from_millis(10)).await;
            bob.close().await
        });
        let paid = payments.iter().filter(|payment| payment.is_ok()).count();
        assert!((1..payments.len()).contains(&paid), "{paid}");
        let (left, in_doubt) = ann.balance().await.unwrap();
        assert_eq!((left + closed.unwrap(), in_doubt), (2000, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_can_pay_itself() {
        let ann = open("ann", 10);
        ann.pay(ann.clone(), 7).await.unwrap();
        assert_eq!(ann.balance().await.unwrap(), (10, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn what_certainly_did_not_arrive_is_given_back() {
        let (ann, bob) = (open("ann", 10), open("bob", 0));
        bob.close().await.unwrap();
        let unpaid = ann.pay(bob, 7).await;
        assert!(matches!(unpaid, Err(CallError::Handler(Unpaid::GivenBack(CallError::NotRunning)))));
        assert_eq!(ann.balance().await.unwrap(), (10, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_have_arrived_is_in_doubt() {
        let (ann, bob) = (open("ann", 10), open("bob", 0));
        let payment = ann.pay(bob.clone(), 7).start();
        assert_eq!(ann.balance().await.unwrap(), (3, 0)); // answered while it pays
        bob.kill();
        assert!(matches!(payment.await, Err(CallError::Handler(Unpaid::InDoubt(CallError::Interrupted(_))))));
        assert_eq!(ann.balance().await.unwrap(), (3, 7));
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_paid() {
        let (ann, bob) = (open("ann", 10), open("bob", 0));
        let unpaid = ann.pay(bob, 11).await;
        assert!(matches!(unpaid, Err(CallError::Handler(Unpaid::Overdrawn { balance: 10 }))));
        assert_eq!(ann.balance().await.unwrap(), (10, 0));
    }
}
