//! What clients and sellers hear.

use std::fmt;

use crate::{Price, Time};

/// A piece of news about an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) item: String,
    pub(crate) news: News,
}

/// The protocol, as those see it who are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// The least that is taken, and when the auction closes.
    Status { asked: Price, expires: Time },
    /// One's own offer is the best so far.
    BestOffer { price: Price },
    /// One's own offer is not, or no longer; less than `asked` is not taken.
    BeatenOffer { asked: Price },
    /// Sold, to oneself.
    Won { seller: String, price: Price },
    /// Sold, to another or by oneself.
    Sold { client: String, price: Price },
    /// Not sold: nobody offered the minimum.
    Failed,
    /// Too late, by a little.
    Over,
}

impl fmt::Display for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { asked, expires } => write!(f, "{asked} is asked until {expires}"),
            Self::BestOffer { price } => write!(f, "{price} is the best offer"),
            Self::BeatenOffer { asked } => write!(f, "beaten, {asked} is asked"),
            Self::Won { seller, price } => write!(f, "bought from {seller} for {price}"),
            Self::Sold { client, price } => write!(f, "sold to {client} for {price}"),
            Self::Failed => f.write_str("not sold"),
            Self::Over => f.write_str("over"),
        }
    }
}
