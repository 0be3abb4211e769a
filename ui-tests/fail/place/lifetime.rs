use actor_core::prelude::*;

#[actor]
struct Account<'a> {
    owner: &'a str,
}

#[actor]
impl<'a> Account<'a> {
    pub fn owner(&self) -> usize {
        self.owner.len()
    }
}

fn main() {}
