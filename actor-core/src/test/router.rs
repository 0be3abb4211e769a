//! One handle for several actors.

use crate::handle::ActorHandle;

/// A handle whose messages go to the actor that `choose` names for each.
///
/// Messages arrive in order; deadlines, failures and cancellation are passed through. An end is not: the actors behind it are not stopped with it,
/// and calls to one that has ended get [`NotRunning`](crate::CallError::NotRunning). For the load of many equals there is [`Pool`](crate::Pool).
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::test::route;
///
/// #[actor]
/// struct Shelf(Vec<String>);
///
/// #[actor]
/// impl Shelf {
///     pub fn put(&mut self, book: &str) -> usize {
///         self.0.push(book.to_owned());
///         self.0.len()
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let (upper, lower) = (Shelf(Vec::new()).spawn(), Shelf(Vec::new()).spawn());
/// let shelves: ShelfHandle = route({
///     let (upper, lower) = (upper.clone(), lower.clone());
///     move |message| match message {
///         ShelfMessage::Put { book } if book.as_str() < "M" => upper.clone(),
///         ShelfMessage::Put { .. } => lower.clone(),
///     }
/// });
/// shelves.put("Emma").await?;
/// shelves.put("Ulysses").await?;
/// assert_eq!(upper.put("Hamlet").await?, 2);
/// # Ok(()) }
/// ```
pub fn route<H: ActorHandle>(mut choose: impl FnMut(&H::Message) -> H + Send + 'static) -> H {
    H::from_calls(move |message, caller| {
        let to = choose(&message);
        caller.pass(to.ask(message))
    })
}
