use actor_core::prelude::*;

#[actor]
enum Account {
    Open,
}

fn main() {}
