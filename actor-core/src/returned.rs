//! What a reply tells of itself: whose it is, and whether it is an error.

use std::ops::Deref;

/// Of one reply: see [`Message::returned`](crate::Message::returned).
#[derive(Clone, Copy, Debug, Default)]
pub struct Returned {
    method: Option<&'static str>,
    is_err: bool,
}

impl Returned {
    /// That of a `method` whose values are no `Result`s.
    #[must_use]
    pub const fn value(method: &'static str) -> Self {
        Returned { method: Some(method), is_err: false }
    }

    /// That of a `method` with a return type that is called `Result`.
    pub const fn result<'a, R>(method: &'static str, reply: &'a R) -> Replied<'a, R> {
        Replied { reply, otherwise: Otherwise(Returned::value(method)) }
    }

    /// The name of the method, if it is known.
    #[must_use]
    pub fn method(&self) -> Option<&'static str> {
        self.method
    }

    /// Whether the method returned an `Err`.
    #[must_use]
    pub fn is_err(&self) -> bool {
        self.is_err
    }
}

/// What is called a `Result`. If it is none, that is said where it is taken apart, and once is enough: here it is a value.
#[derive(Debug)]
pub struct Replied<'a, R> {
    reply: &'a R,
    otherwise: Otherwise,
}

impl<T, E> Replied<'_, Result<T, E>> {
    /// What it tells.
    #[must_use]
    pub fn told(&self) -> Returned {
        Returned { is_err: self.reply.is_err(), ..self.otherwise.0 }
    }
}

/// Where method calls look next.
impl<R> Deref for Replied<'_, R> {
    type Target = Otherwise;

    fn deref(&self) -> &Otherwise {
        &self.otherwise
    }
}

/// Of what is no `Result`.
#[derive(Debug)]
pub struct Otherwise(Returned);

impl Otherwise {
    /// What it tells.
    #[must_use]
    pub fn told(&self) -> Returned {
        self.0
    }
}
