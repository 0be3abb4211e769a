//! What `#[actor]` writes, and the same by hand: one scenario runs on both.

#![expect(unreachable_pub, reason = "written as a library would")]
#![expect(
    clippy::manual_async_fn,
    clippy::unit_arg,
    reason = "what the macro writes is the same for every method"
)]

#[path = "expansion/by_hand.rs"]
mod by_hand;
#[path = "expansion/by_macro.rs"]
mod by_macro;

/// An account that has no owner.
#[derive(Debug, thiserror::Error)]
#[error("an account needs an owner")]
pub struct Closed;

/// A withdrawal of more than there is.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("balance {balance} is less than {asked}")]
pub struct Overdrawn {
    /// What there is.
    pub balance: u64,
    /// What was asked for.
    pub asked: u64,
}

macro_rules! scenario {
    ($name:ident, $module:ident) => {
        #[tokio::test]
        async fn $name() {
            use actor_core::prelude::*;
            use std::sync::{Arc, Mutex};
            use $module::{Account, AccountHandle, AccountMessage, AccountReply};

            let log = Arc::new(Mutex::new(Vec::new()));
            let open =
                |owner: &str| Account::open(owner, Arc::clone(&log)).spawn_with(Spawn::new().name("ann"));
            let (account, other): (AccountHandle, AccountHandle) = (open("ann"), open("bob"));
            assert_eq!(account.deposit(10).await.unwrap(), 10);
            assert_eq!(account.withdraw(4).await.unwrap(), 6);
            let overdrawn = account.withdraw(50).await.unwrap_err();
            assert!(matches!(overdrawn, CallError::Handler(Overdrawn { balance: 6, asked: 50 })));
            assert_eq!(account.rename("eve").await.unwrap(), "ann");
            account.pay(other.clone(), 5).await.unwrap();
            assert_eq!(account.balance_later().await.unwrap(), 1);
            assert_eq!(other.balance_later().start().await.unwrap(), 5);

            let message = account.deposit(3).into_message();
            assert_eq!(message.name(), "deposit");
            assert_eq!(format!("{:?}", message.clone()), "Deposit { amount: 3 }");
            let reply = account.ask(message).await.unwrap();
            assert!(matches!(reply, AccountReply::Deposit(4)), "{reply:?}");
            let told: Result<(), TellError<AccountMessage>> = account.deposit(1).try_tell();
            told.unwrap();

            assert_eq!(account.close().await.unwrap(), 5);
            assert!(matches!(account.deposit(1).await, Err(CallError::NotRunning)));
            assert!(matches!(account.stopped().await, ExitReason::Finished));
            other.stop();
            assert!(matches!(other.stopped().await, ExitReason::Stopped));
            assert_eq!(*log.lock().unwrap(), ["begin", "begin", "end of ann"]);

            let nobody = open("");
            assert!(nobody.deposit(1).await.unwrap_err().never_ran());
            let reason = nobody.stopped().await;
            assert_eq!(reason.to_string(), "failed: an account needs an owner");
        }
    };
}

scenario!(by_hand_and, by_hand);
scenario!(by_macro_are_the_same, by_macro);
