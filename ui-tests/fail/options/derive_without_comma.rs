//! Both are derived all the same.

use actor_core::prelude::*;

#[actor]
struct Bank;

#[actor(derive(Clone, Debug PartialEq))]
impl Bank {
    pub fn rate(&self) -> u64 {
        3
    }
}

fn same(one: BankMessage, other: &BankMessage) {
    assert_eq!(one.clone(), *other);
}

fn main() {
    drop(same);
}
