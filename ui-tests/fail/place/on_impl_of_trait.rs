use actor_core::prelude::*;

#[actor]
struct Account;

#[actor]
impl Account {}

trait Bidder {
    fn beaten(&mut self);
}

#[actor]
impl Bidder for Account {
    fn beaten(&mut self) {}
}

fn main() {}
