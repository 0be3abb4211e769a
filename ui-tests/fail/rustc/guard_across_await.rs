use actor_core::prelude::*;
use std::sync::{Arc, Mutex};

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub async fn get(&mut self, shared: Arc<Mutex<u64>>) -> u64 {
        let guard = shared.lock().unwrap();
        std::future::ready(()).await;
        *guard
    }
}

fn main() {}
