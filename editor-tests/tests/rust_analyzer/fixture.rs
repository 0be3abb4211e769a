//! What the editor is asked about. The tests change some lines as somebody who types would.

use actor_core::prelude::*;

/// What has come in or gone out.
#[derive(Clone)]
pub struct Entry {
    amount: u64,
}

#[actor]
pub struct Account {
    balance: u64,
    book: Vec<Entry>,
}

#[actor]
impl Account {
    /// Adds `amount` and returns the new balance.
    pub fn deposit(&mut self, amount: u64) -> u64 {
        self.balance += amount;
        self.balance
    }

    #[message(timeout = std::time::Duration::from_secs(1))]
    pub async fn settle(&mut self, other: AccountHandle) -> u64 {
        let _ = other;
        self.balance
    }

    /// Writes an entry down.
    pub fn note(&mut self, entry: &Entry) -> usize {
        self.book.push(entry.clone());
        self.book.len()
    }

    /// Writes down what another one has, from an entry on.
    pub async fn copy(&mut self, from: &Entry, all: Vec<Entry>) -> Result<Entry, String> {
        self.book.extend(all);
        Ok(from.clone())
    }
}

#[actor]
pub struct Shelf<T: Clone + Send + 'static> {
    held: Option<T>,
}

#[actor]
impl<T: Clone + Send + 'static> Shelf<T> {
    /// Takes one to hold.
    pub fn hold(&mut self, one: &T) -> Option<T> {
        self.held.replace(one.clone())
    }
}

#[actor]
pub trait Keeper {
    /// Keeps an entry.
    async fn keep(&mut self, entry: &Entry) -> usize;
}

impl Keeper for Account {
    async fn keep(&mut self, entry: &Entry) -> usize {
        self.note(entry)
    }
}

async fn use_it(account: &AccountHandle, shelf: &ShelfHandle<Entry>) {
    let _ = account.deposit(10).await;
    let noted = account.note(Entry { amount: 1 }).await;
    let copied = account.copy(Entry { amount: 2 }, Vec::new()).await;
    let held = shelf.hold(Entry { amount: 3 }).await;
    let keeper = KeeperHandle::from(account.clone());
    let kept = keeper.keep(Entry { amount: 4 }).await;
    drop((noted, copied, held, kept));
}

fn main() {
    drop(use_it);
    drop(Account { balance: 0, book: Vec::new() }.spawn());
}
