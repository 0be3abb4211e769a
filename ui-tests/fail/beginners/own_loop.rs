//! From tasks with channels: the loop is written by hand, and the enum of messages too.

use actor_core::prelude::*;
use futures::StreamExt;
use futures::channel::mpsc::Receiver;

enum AccountMessage {
    Deposit(u64),
}

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub async fn run(mut self, mut mailbox: Receiver<AccountMessage>) {
        while let Some(AccountMessage::Deposit(amount)) = mailbox.next().await {
            self.balance += amount;
        }
    }
}

fn main() {}
