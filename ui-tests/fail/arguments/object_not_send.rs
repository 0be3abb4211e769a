use actor_core::prelude::*;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn run(&mut self, work: Box<dyn FnOnce(&mut u64)>) {
        work(&mut self.balance);
    }

    pub fn report(&mut self, _problem: Option<Box<dyn Error + Sync>>) {}

    pub fn watch(&mut self, _seen: &Arc<dyn Fn(u64)>) {}

    pub fn wait(&mut self, _until: Pin<Box<dyn Future<Output = u64>>>) {}
}

fn main() {}
