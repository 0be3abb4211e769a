//! Nothing is said of messages that nobody sends, nor of copies of names in another style.

#![deny(warnings)]

use actor_core::prelude::*;

#[actor]
#[allow(non_camel_case_types)]
struct my_account {
    balance: u64,
}

#[actor]
impl my_account {
    #[message]
    #[allow(non_snake_case)]
    fn Add(&mut self, N: u64, (A, _b): (u64, u8)) -> u64 {
        self.balance += N + A;
        self.balance
    }
    #[message]
    #[expect(non_snake_case)]
    async fn AddLater(&mut self, N: u64) -> u64 {
        self.balance += N;
        self.balance
    }
}

#[actor]
struct Idle;

#[actor]
impl Idle {
    #[message]
    fn at(&self, path: &str) -> usize {
        path.len()
    }
    #[message]
    fn borrowed(&self, list: &Vec<u8>) -> usize {
        list.len()
    }
    #[message]
    async fn later(&self, list: &[u8], _name: impl Into<String>) -> usize {
        list.len()
    }
}

#[actor]
trait Quiet {
    fn say(&self, text: &str);
    async fn later(&mut self, n: u8, list: &[u8]);
}

impl Quiet for Idle {
    fn say(&self, _: &str) {}
    async fn later(&mut self, _: u8, _: &[u8]) {}
}

fn main() {
    drop(async { my_account { balance: 1 }.spawn() });
    drop(async { QuietHandle::from(Idle.spawn()) });
}
