//! Who somebody is, and what lets somebody in: both as one word of text, too.

use std::fmt;
use std::io::{self, BufRead};
use std::str::FromStr;

use actor_remote::{Key, NoTicket, Ticket};
use serde::{Deserialize, Serialize};

/// So long a name may be, in bytes: others show it.
const NAME_MAX: usize = 64;

/// Who a peer is and where, as the others know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) name: String,
    #[serde(with = "text")]
    pub(crate) ticket: Ticket,
    /// When its process began, in milliseconds by its own clock: of two cards of one peer the later one is right.
    pub(crate) since: u64,
}

impl Card {
    pub(crate) fn new(name: &str, ticket: Ticket, since: u64) -> Self {
        Self { name: tidy(name), ticket, since }
    }

    pub(crate) fn key(&self) -> Key {
        self.ticket.key()
    }
}

/// A name from elsewhere: it must neither break a line nor fill a screen.
pub(crate) fn tidy(name: &str) -> String {
    let name = name.trim().replace(char::is_control, "?");
    match name.floor_char_boundary(NAME_MAX) {
        0 => "?".to_owned(),
        end => name[..end].to_owned(),
    }
}

/// As a line of a file.
impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.ticket, self.since, self.name)
    }
}

/// A line that is no card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no peer: a ticket, a number and a name are one")]
pub(crate) struct NoCard(String);

impl FromStr for Card {
    type Err = NoCard;

    fn from_str(line: &str) -> Result<Self, NoCard> {
        let parts = || {
            let (ticket, rest) = line.split_once(' ')?;
            let (since, name) = rest.split_once(' ')?;
            Some(Self::new(name, ticket.parse().ok()?, since.parse().ok()?))
        };
        parts().ok_or_else(|| NoCard(line.to_owned()))
    }
}

/// What `serve` prints and `join` takes: where the door is, and the secret that opens it. Whoever has it belongs to the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invitation {
    pub(crate) door: Ticket,
    pub(crate) secret: String,
}

/// An invitation on the command line, or that it comes by another way: on a command line everybody on this machine can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Given {
    Here(Invitation),
    /// As the first line of what is read.
    Input,
}

impl FromStr for Given {
    type Err = NoInvitation;

    fn from_str(text: &str) -> Result<Self, NoInvitation> {
        match text {
            "-" => Ok(Self::Input),
            text => text.parse().map(Self::Here),
        }
    }
}

impl Given {
    /// The invitation itself.
    pub(crate) fn take(&self, input: impl BufRead) -> io::Result<Invitation> {
        match self {
            Self::Here(invitation) => Ok(invitation.clone()),
            Self::Input => {
                let line = input.lines().next().transpose()?.unwrap_or_default();
                line.parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
            }
        }
    }
}

/// A text that is no invitation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoInvitation {
    #[error("it is no ticket of `filesync serve`: the `#` with its secret is missing")]
    NoSecret,
    #[error("it is no ticket of `filesync serve`: {0}")]
    NoTicket(#[from] NoTicket),
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.door, self.secret)
    }
}

impl FromStr for Invitation {
    type Err = NoInvitation;

    fn from_str(text: &str) -> Result<Self, NoInvitation> {
        let (door, secret) = text.trim().split_once('#').ok_or(NoInvitation::NoSecret)?;
        if secret.is_empty() {
            return Err(NoInvitation::NoSecret);
        }
        Ok(Self { door: door.parse()?, secret: secret.to_owned() })
    }
}

/// Something that is a text when it travels.
mod text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(super) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICKET: &str =
        "0d2a1f6ecf0b3b0b1f3b7d6a0b7a6f5e4d3c2b1a09f8e7d6c5b4a39281706f5e@127.0.0.1:4000,[::1]:4001";

    /// A key that is one: not each 32 bytes are.
    async fn ticket() -> Ticket {
        let key = actor_remote::Node::local().await.unwrap().key();
        let (_, addresses) = TICKET.split_once('@').unwrap();
        format!("{key}@{addresses}").parse().unwrap()
    }

    #[tokio::test]
    async fn cards_and_invitations_are_text() {
        let card = Card::new("ann's photos", ticket().await, 7);
        assert_eq!(card.to_string().parse(), Ok(card.clone()));
        let bytes = postcard::to_stdvec(&card).unwrap();
        assert_eq!(postcard::from_bytes::<Card>(&bytes).unwrap(), card);
        let invitation = Invitation { door: card.ticket.clone(), secret: "0a1b".into() };
        assert_eq!(invitation.to_string().parse(), Ok(invitation.clone()));
        assert_eq!(format!(" {invitation}\n").parse(), Ok(invitation.clone()));
        let line = format!("{invitation}\nmore");
        assert_eq!("-".parse::<Given>().unwrap().take(line.as_bytes()).unwrap(), invitation);
        assert!("-".parse::<Given>().unwrap().take(&b""[..]).is_err());
        assert_eq!(card.ticket.to_string().parse::<Invitation>(), Err(NoInvitation::NoSecret));
        assert!(matches!("x#y".parse::<Invitation>(), Err(NoInvitation::NoTicket(_))));
        for line in ["", "x 1 y", &format!("{} x y", card.ticket)] {
            assert!(line.parse::<Card>().is_err());
        }
    }

    #[test]
    fn names_are_tidy() {
        assert_eq!(tidy(" a\nb "), "a?b");
        assert_eq!(tidy(" "), "?");
        assert_eq!(tidy(&"é".repeat(40)), "é".repeat(32));
    }
}
