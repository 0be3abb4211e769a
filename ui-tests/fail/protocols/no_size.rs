use actor_core::prelude::*;

#[actor]
pub trait Named {
    fn name(&self) -> str;
    fn set_name(&mut self, name: str, aliases: [String]);
}

fn main() {}
