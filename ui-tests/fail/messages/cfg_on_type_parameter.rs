use actor_core::prelude::*;

#[actor]
struct Shelf(Vec<u64>);

#[actor]
impl Shelf {
    pub fn put<#[cfg(all())] T: Into<u64>, #[cfg_attr(all(), cfg(any()))] const N: usize>(&mut self, book: T) {
        self.0.push(book.into());
    }
}

fn main() {}
