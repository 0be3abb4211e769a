use actor_core::prelude::*;

#[actor]
impl std::string::String {
    pub fn total(&self) -> usize {
        self.len()
    }
}

fn main() {}
