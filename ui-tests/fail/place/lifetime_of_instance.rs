use actor_core::prelude::*;

#[actor]
struct Account<T> {
    owner: T,
}

#[actor]
impl<'a> Account<&'a str> {
    pub fn owner(&self) -> usize {
        self.owner.len()
    }
}

fn main() {}
