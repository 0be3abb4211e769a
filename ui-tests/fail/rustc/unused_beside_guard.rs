#![deny(unused_variables)]
use actor_core::prelude::*;

#[actor]
struct Hall {
    free: usize,
}

#[actor]
impl Hall {
    #[message(when = n <= &self.free)]
    pub fn take(&mut self, n: usize, name: String) {}
}

fn main() {}
