use actor_core::prelude::*;

#[actor]
impl u64 {
    pub fn total(&self) -> u64 {
        *self
    }
}

fn main() {}
