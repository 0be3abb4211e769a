//! Without thought of how long an actor lives: what it reads is borrowed.

use actor_core::prelude::*;

#[actor]
struct Search<'a> {
    words: Vec<&'a str>,
}

#[actor]
impl<'a> Search<'a> {
    pub fn new(text: &'a str) -> Self {
        Search { words: text.split(' ').collect() }
    }

    pub fn first(&self) -> Option<&'a str> {
        self.words.first().copied()
    }
}

fn main() {
    let text = String::from("some words");
    let search = Search::new(&text).spawn();
    drop(search);
}
