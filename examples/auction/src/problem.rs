//! What can be wrong with a line, and where.

use std::fmt;

use thiserror::Error;

use crate::line::{FIELDS, Kind};
use crate::{Price, Time};

/// A place in a file, as compilers write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: u64,
    pub(crate) column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A line that cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{place}: {problem}")]
pub(crate) struct LineError {
    pub(crate) place: Place,
    pub(crate) problem: Problem,
}

/// Each says what is wrong and what to do about it.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum Problem {
    #[error("the first line is not the header; write `{}`", FIELDS.join(","))]
    Header,
    #[error("`{field}` is not text in UTF-8; save the file as UTF-8")]
    NotText { field: &'static str },
    #[error("`{field}` is `{text}`; write {wanted}")]
    Malformed { field: &'static str, text: String, wanted: &'static str },
    #[error("`{field}` is missing; write {wanted}")]
    Missing { field: &'static str, wanted: &'static str },
    #[error("`{field}` does not belong to {kind}; leave it empty")]
    Misplaced { field: &'static str, kind: Kind },
    #[error("more than {} fields; take the rest away, or quote a text that holds a comma", FIELDS.len())]
    TooMany,
    #[error("`{field}` is negative: {value}; write 0 or more")]
    Negative { field: &'static str, value: i64 },
    #[error("the bid of {price} is above its own top of {top}; lower `price` or raise `top`")]
    AboveTop { price: Price, top: Price },
    #[error("`closes` is {closes}, but it opens at {opens}; close it later than that")]
    NeverOpen { opens: Time, closes: Time },
    #[error("no auction of `{item}` stands above; put its `auction` line before its bids")]
    UnknownItem { item: String },
    #[error("too early: `{item}` opens at {opens}; come then or later")]
    Early { item: String, opens: Time },
    #[error(
        "too late: `{item}` is over at {closes} and answers until {end}; come by then or raise its `grace`"
    )]
    Late { item: String, closes: Time, end: Time },
    #[error("a duplicate of line {first}; take one of them away")]
    Duplicate { first: u64 },
}
