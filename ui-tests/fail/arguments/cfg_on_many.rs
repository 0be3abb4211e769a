#![allow(unused_variables)]
use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn set(
        &self,
        #[cfg(all())] a: u8,
        #[cfg(all())] b: u8,
        #[cfg(all())] c: u8,
        #[cfg(all())] d: u8,
        #[cfg(all())] e: u8,
    ) {
    }
}

fn main() {}
