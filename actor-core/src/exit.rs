//! Why an actor ended.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why an actor ended: what [`stopped`](crate::ActorHandle::stopped) resolves to.
///
/// It is cheap to clone: everybody who waits gets a copy.
///
/// ```
/// # use actor_core::prelude::*;
/// # #[actor] struct Lamp;
/// # #[actor] impl Lamp { pub fn on(&mut self) {} }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let lamp = Lamp.spawn();
/// lamp.stop();
/// let reason = lamp.stopped().await;
/// assert!(matches!(reason, ExitReason::Stopped) && reason.is_normal());
/// # }
/// ```
#[non_exhaustive]
#[derive(Clone, Debug)]
pub enum ExitReason {
    /// It was asked to stop: by [`stop`](crate::ActorHandle::stop) or [`Context::stop`](crate::Context::stop).
    Stopped,
    /// It had nothing left to do: a by-value message was its last, or the last handle went and its queue was empty.
    Finished,
    /// It was cut off: by [`kill`](crate::ActorHandle::kill), by the end of the time that
    /// [`stop_within`](crate::ActorHandle::stop_within) gave it, or by the end of its runtime.
    Killed,
    /// A handler, a hook or a destructor panicked.
    Panicked(Panicked),
    /// It failed: by [`Context::fail`](crate::Context::fail), or because a hook returned an error.
    Failed(Arc<dyn Error + Send + Sync>),
}

impl ExitReason {
    /// Whether it ended as it should: [`Stopped`](Self::Stopped) or [`Finished`](Self::Finished).
    #[must_use]
    pub fn is_normal(&self) -> bool {
        matches!(self, ExitReason::Stopped | ExitReason::Finished)
    }

    pub(crate) fn failed(error: Box<dyn Error + Send + Sync>) -> Self {
        ExitReason::Failed(error.into())
    }
}

impl fmt::Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExitReason::Stopped => f.write_str("stopped"),
            ExitReason::Finished => f.write_str("finished"),
            ExitReason::Killed => f.write_str("killed"),
            ExitReason::Panicked(panicked) => panicked.fmt(f),
            ExitReason::Failed(error) => write!(f, "failed: {error}"),
        }
    }
}

/// The end of an actor that was watched: what `#[on_exit]` gets.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::Exit;
///
/// #[actor]
/// struct Worker;
///
/// #[actor]
/// impl Worker {}
///
/// #[actor]
/// #[derive(Default)]
/// struct Foreman {
///     lost: Vec<String>,
/// }
///
/// #[actor]
/// impl Foreman {
///     pub fn hire(&mut self, ctx: &mut Context<Self>, name: &str) -> WorkerHandle {
///         let worker = Worker.spawn_with(Spawn::new().name(name));
///         ctx.watch(&worker);
///         worker
///     }
///     #[on_exit]
///     fn lost(&mut self, exit: Exit) {
///         self.lost.push(format!("{}: {}", exit.name.as_deref().unwrap_or("?"), exit.reason));
///     }
///     pub fn report(&self) -> Vec<String> {
///         self.lost.clone()
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let foreman = Foreman::default().spawn();
/// let worker = foreman.hire("ann").await?;
/// worker.kill();
/// worker.stopped().await;
/// assert_eq!(foreman.report().await?, ["ann: killed"]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Exit {
    /// Who.
    pub id: crate::ActorId,
    /// Its name, if it was given one.
    pub name: Option<Arc<str>>,
    /// Why.
    pub reason: ExitReason,
}

/// A panic that ended an actor.
#[derive(Clone)]
pub struct Panicked(Arc<Details>);

struct Details {
    message: Option<Cow<'static, str>>,
    text: String,
    place: Option<Place>,
}

impl Panicked {
    pub(crate) fn new(message: Option<&'static str>, text: String, place: Option<Place>) -> Self {
        Panicked(Arc::new(Details { message: message.map(Cow::Borrowed), text, place }))
    }

    /// One that was heard of from elsewhere: for transports.
    #[must_use]
    pub fn from_parts(message: Option<String>, text: String, place: Option<Place>) -> Self {
        Panicked(Arc::new(Details { message: message.map(Cow::Owned), text, place }))
    }

    /// Name of the message whose handler panicked; `None` in a hook or a destructor.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// What the panic said.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Where it happened.
    ///
    /// It is known through a panic hook that the first spawned actor puts before the one it finds; a program that replaces
    /// the hook later gets `None` here.
    #[must_use]
    pub fn location(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }
}

impl fmt::Debug for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Panicked")
            .field("message", &self.message())
            .field("text", &self.text())
            .field("location", &self.location())
            .finish()
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("panicked")?;
        if let Some(message) = self.message() {
            write!(f, " in `{message}`")?;
        }
        if let Some(place) = self.location() {
            write!(f, " at {place}")?;
        }
        write!(f, ": {}", self.text())
    }
}

/// A place in a source file; displayed as `file:line:column`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    file: String,
    line: u32,
    column: u32,
}

impl Place {
    /// A line and a column of a file, both from 1.
    #[must_use]
    pub fn new(file: String, line: u32, column: u32) -> Self {
        Place { file, line, column }
    }

    /// The file, as the compiler named it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column, from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.column
    }
}

impl From<&std::panic::Location<'_>> for Place {
    fn from(location: &std::panic::Location<'_>) -> Self {
        Place { file: location.file().to_owned(), line: location.line(), column: location.column() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}
