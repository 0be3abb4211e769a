use actor_core::prelude::*;

#[actor]
impl Vec<u8> {
    pub fn total(&self) -> usize {
        self.len()
    }
}

fn main() {}
