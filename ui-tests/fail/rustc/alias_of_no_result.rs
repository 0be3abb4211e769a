use actor_core::prelude::*;

mod chess {
    pub type Result = (u8, u8);
}

#[actor]
struct Board;

#[actor]
impl Board {
    pub fn game(&self) -> chess::Result {
        (1, 0)
    }
}

fn main() {}
