//! What can be wrong with a mock.

use std::error::Error;
use std::fmt;

/// What is wrong with a mock, or with how it is used; it says so in words.
///
/// - A message that it cannot get: of a generic method, or of a protocol when it was made of another handle and `test::also` gave it no
///   other. There [`never_ran`](crate::CallError::never_ran) is true.
/// - An answer that is another message's, `Reply::Note` to a `Message::Audit`.
/// - A message that was not recorded, of a replayer.
///
/// ```
/// use actor_core::prelude::*;
///
/// #[actor]
/// struct Shelf(Vec<String>);
///
/// #[actor]
/// impl Shelf {
///     pub fn add(&mut self, book: &str) {
///         self.0.push(book.to_owned());
///     }
///     pub fn with<R: Send + 'static>(&mut self, f: impl FnOnce(&mut Vec<String>) -> R + Send + 'static) -> R {
///         f(&mut self.0)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let shelf = ShelfHandle::from_fn(|_| async { ShelfReply::Add(()) });
/// let error = shelf.with(|books| books.len()).await.unwrap_err();
/// assert!(matches!(&error, CallError::Mock(mock) if mock.message() == "with") && error.never_ran());
/// # }
/// ```
#[derive(Clone)]
pub struct MockError(Box<Wrong>);

#[derive(Clone)]
struct Wrong {
    message: &'static str,
    text: String,
    never_ran: bool,
}

impl MockError {
    fn new(message: &'static str, never_ran: bool, text: String) -> Self {
        MockError(Box::new(Wrong { message, text, never_ran }))
    }

    /// A message of a `kind` of actor came to a mock of a `mocked`, whose messages are others.
    pub(crate) fn unknown(message: &'static str, kind: &str, mocked: &str) -> Self {
        let text = match kind {
            "Boxed" => format!(
                "`{message}` is a generic method, which is no message that a mock of `{mocked}` could get"
            ),
            kind => format!(
                "`{message}` is a message of `{kind}`, and a mock of `{mocked}` gets those of `{mocked}`; `{kind}Handle` has mocks of its own"
            ),
        };
        Self::new(message, true, text)
    }

    /// The answer to `message` was the reply of another.
    pub(crate) fn wrong_reply(message: &'static str, reply: &str) -> Self {
        Self::new(message, false, format!("the mock answered `{message}` with a reply of `{reply}`"))
    }

    #[cfg(feature = "test")]
    pub(crate) fn unexpected(message: &'static str, text: String) -> Self {
        Self::new(message, false, text)
    }

    /// The same where another handler ran before.
    pub(crate) fn passed_on(mut self) -> Self {
        self.0.never_ran = false;
        self
    }

    pub(crate) fn never_ran(&self) -> bool {
        self.0.never_ran
    }

    /// The name of the method that was called.
    #[must_use]
    pub fn message(&self) -> &'static str {
        self.0.message
    }
}

impl fmt::Debug for MockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MockError").field(&self.0.text).finish()
    }
}

impl fmt::Display for MockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl Error for MockError {}
