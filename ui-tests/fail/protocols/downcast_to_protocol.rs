use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten(&mut self, best: u32);
}

#[actor]
trait Printer {
    fn print(&mut self, text: &str);
}

fn printer(bidder: BidderHandle) -> Option<PrinterHandle> {
    bidder.downcast()
}

fn main() {
    let _ = printer;
}
