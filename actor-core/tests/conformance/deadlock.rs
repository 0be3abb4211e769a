//! Waits that would never end are told at once, and no others: a file for each kind of wait.

mod blocking;
mod cycles;
mod deadlines;
mod foreign;
mod lives;
mod node;
mod pools;
mod races;
mod replies;
mod room;
mod serving;
mod several;
mod streams;
mod unseen;
