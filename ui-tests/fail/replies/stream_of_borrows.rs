use actor_core::prelude::*;
use futures::stream::{self, Stream};
use std::rc::Rc;

#[actor]
struct Shelf(Vec<String>);

#[actor]
impl Shelf {
    pub fn titles(&self) -> impl Stream<Item = &str> {
        stream::iter(self.0.iter().map(String::as_str))
    }
    pub fn numbered(&self) -> impl Stream<Item = (usize, &String)> {
        stream::iter(self.0.iter().enumerate())
    }
    pub fn shared(&self) -> impl Stream<Item = Rc<u8>> {
        stream::empty()
    }
    pub fn letters(&self) -> impl Stream<Item = impl Stream<Item = char>> {
        stream::iter(self.0.iter().map(|title| stream::iter(title.chars())))
    }
    pub fn displayed(&self) -> impl Stream<Item = impl ToString> {
        stream::iter(self.0.clone())
    }
}

fn main() {}
