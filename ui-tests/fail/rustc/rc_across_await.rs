use actor_core::prelude::*;
use std::rc::Rc;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub async fn get(&mut self) -> u64 {
        let shared = Rc::new(self.balance);
        std::future::ready(()).await;
        *shared
    }
}

fn main() {}
