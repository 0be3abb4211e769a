//! Several auctions at once, run by actors from a file of bids.
//!
//! ```text
//! cargo run --bin auction -- examples/data/auction.csv
//! ```
//!
//! The protocol is that of the auction in *Scala by Example*, with its bugs mended. Whoever wants to see how actors are
//! written reads, in this order, [`seller`], [`bidder`], [`client`] and [`auction`], and then [`market`], which puts them to
//! work; the rest is about files and tables.
//!
//! # Who is who
//!
//! An auction knows nobody but by protocols: a `Seller`, any `Visitor` who asks how it stands, and those visitors that are a
//! `Bidder`. Who only looks is a [`watcher`], who names one price is [`firm`], and a [`client`] goes on when it is beaten. The file
//! says by its lines which of these somebody is.
//!
//! # The file
//!
//! ```text
//! kind,at,item,who,price,top,closes,grace
//! auction,0,violin,ann,100,,60,20
//! bid,10,violin,bob,100,160
//! inquire,12,violin,cleo
//! ```
//!
//! Ann sells a violin for 100 or more, from 0 to 60, and until 80 her auction still says that it is over. Bob offers 100
//! at 10, and goes up to 160 when he is beaten. `auction --help` says it all.
//!
//! # Who waits for whom
//!
//! ```text
//! market ──asks──▶ bidder ──sends──▶ auction ──asks──▶ bidder
//!                                       │ ────tells──▶ bidder, visitor, seller
//! ```
//!
//! An auction asks the bidder that was beaten whether it goes on, and waits for the answer. So no bidder ever waits for
//! an auction, or each would wait for the other: an offer is sent, and what becomes of it a continuation hears.
//!
//! # Time
//!
//! Time is what the file says: it comes with the messages, as seconds since the first auction could have opened. Nothing
//! sleeps, and the same file gives the same table each time.

mod auction;
mod bidder;
mod cli;
mod client;
mod firm;
mod line;
mod market;
mod news;
mod place;
mod problem;
mod records;
mod report;
mod seller;
#[cfg(test)]
mod simulation;
mod watcher;

/// What things cost, in whole units.
type Price = u64;
/// Seconds.
type Time = u64;

fn main() -> std::process::ExitCode {
    cli::run()
}
