//! A single line: its fields, and what they mean together.

use std::fmt;

use serde::Deserialize;

use crate::problem::Problem;
use crate::{Price, Time};

/// The header, which every file begins with.
pub(crate) const FIELDS: [&str; 8] = ["kind", "at", "item", "who", "price", "top", "closes", "grace"];

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Auction,
    Bid,
    Inquire,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auction => "an `auction`",
            Self::Bid => "a `bid`",
            Self::Inquire => "an `inquire`",
        })
    }
}

/// A line that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// An item goes on sale.
    Auction(Lot),
    /// A client offers, and says how far it goes when it is beaten.
    Bid { at: Time, item: String, client: String, price: Price, top: Price },
    /// A client asks how an auction stands.
    Inquire { at: Time, item: String, client: String },
}

/// The settings of an auction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lot {
    pub(crate) item: String,
    pub(crate) seller: String,
    pub(crate) minimum: Price,
    pub(crate) opens: Time,
    pub(crate) closes: Time,
    /// Until when it still says that it is over.
    pub(crate) end: Time,
}

/// A line as it stands there. Signed, so that a negative number is told from what is no number.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    kind: String,
    at: i64,
    item: String,
    who: String,
    price: Option<i64>,
    top: Option<i64>,
    closes: Option<i64>,
    grace: Option<i64>,
}

/// What to write into a field, for whoever wrote something else.
fn wanted(field: &str) -> &'static str {
    match field {
        "kind" => "`auction`, `bid` or `inquire`",
        "at" | "closes" => "a time in whole seconds",
        "grace" => "how many seconds",
        "price" | "top" => "a price in whole units",
        _ => "a text",
    }
}

/// A problem and the field it is in.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub(crate) index: usize,
    pub(crate) problem: Problem,
}

impl Wrong {
    pub(crate) fn at(field: &'static str, problem: Problem) -> Self {
        let index = FIELDS.iter().position(|name| *name == field).unwrap_or(FIELDS.len());
        Self { index, problem }
    }
}

/// What the `index`th field is called.
pub(crate) fn name(index: usize) -> &'static str {
    FIELDS.get(index).copied().unwrap_or("the rest")
}

/// A field that holds nothing, or something else than it should.
pub(crate) fn unusable(index: usize, text: &str) -> Wrong {
    let field = name(index);
    let wanted = wanted(field);
    let problem = match text {
        "" => Problem::Missing { field, wanted },
        _ => Problem::Malformed { field, text: text.to_owned(), wanted },
    };
    Wrong { index, problem }
}

impl Line {
    /// What cannot be said of one field alone.
    pub(crate) fn check(self) -> Result<Record, Wrong> {
        let kind = match self.kind.as_str() {
            "auction" => Kind::Auction,
            "bid" => Kind::Bid,
            "inquire" => Kind::Inquire,
            other => return Err(unusable(0, other)),
        };
        let at = amount("at", self.at)?;
        let item = named("item", self.item)?;
        let who = named("who", self.who)?;
        let empty =
            |fields: &[(&'static str, Option<i64>)]| match fields.iter().find(|(_, value)| value.is_some()) {
                Some((field, _)) => Err(Wrong::at(field, Problem::Misplaced { field, kind })),
                None => Ok(()),
            };
        match kind {
            Kind::Auction => {
                empty(&[("top", self.top)])?;
                let minimum = needed("price", self.price)?;
                let closes = needed("closes", self.closes)?;
                let grace = needed("grace", self.grace)?;
                if closes <= at {
                    return Err(Wrong::at("closes", Problem::NeverOpen { opens: at, closes }));
                }
                Ok(Record::Auction(Lot {
                    item,
                    seller: who,
                    minimum,
                    opens: at,
                    closes,
                    end: closes + grace,
                }))
            }
            Kind::Bid => {
                empty(&[("closes", self.closes), ("grace", self.grace)])?;
                let price = needed("price", self.price)?;
                let top = self.top.map_or(Ok(price), |top| amount("top", top))?;
                if price > top {
                    return Err(Wrong::at("price", Problem::AboveTop { price, top }));
                }
                Ok(Record::Bid { at, item, client: who, price, top })
            }
            Kind::Inquire => {
                let all = [
                    ("price", self.price),
                    ("top", self.top),
                    ("closes", self.closes),
                    ("grace", self.grace),
                ];
                empty(&all)?;
                Ok(Record::Inquire { at, item, client: who })
            }
        }
    }
}

fn amount(field: &'static str, value: i64) -> Result<u64, Wrong> {
    u64::try_from(value).map_err(|_| Wrong::at(field, Problem::Negative { field, value }))
}

fn needed(field: &'static str, value: Option<i64>) -> Result<u64, Wrong> {
    value.map_or_else(|| Err(missing(field)), |value| amount(field, value))
}

fn named(field: &'static str, text: String) -> Result<String, Wrong> {
    if text.is_empty() { Err(missing(field)) } else { Ok(text) }
}

fn missing(field: &'static str) -> Wrong {
    Wrong::at(field, Problem::Missing { field, wanted: wanted(field) })
}
