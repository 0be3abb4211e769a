//! From objects: another actor is called as a field's method is.

use actor_core::prelude::*;

#[actor]
struct Bank {
    total: u64,
}

#[actor]
impl Bank {
    pub fn total(&self) -> u64 {
        self.total
    }
}

#[actor]
struct Branch {
    bank: BankHandle,
    own: u64,
}

#[actor]
impl Branch {
    pub fn share(&mut self) -> u64 {
        let total = self.bank.total();
        self.own * 100 / total
    }

    pub fn is_rich(&self) -> bool {
        self.bank.total() > 1_000
    }

    pub fn everything(&self) -> u64 {
        self.bank.total().await
    }
}

fn main() {}
