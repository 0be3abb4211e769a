use actor_core::prelude::*;

fn main() {
    let clock = Some(#[actor] (1, 2));
    let time = #[actor] { 3 };
    println!("{clock:?} {time}");
}
