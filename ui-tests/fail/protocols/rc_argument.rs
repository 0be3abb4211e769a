use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten(&mut self, by: std::rc::Rc<String>);
}

fn main() {}
