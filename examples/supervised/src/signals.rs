//! How the program is told to stop.

use std::fmt;
use std::io;

use futures::stream::{Stream, StreamExt as _, poll_fn, select};
use tokio::signal::unix::{self, SignalKind};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Signal {
    /// Ctrl-C.
    Interrupt,
    Terminate,
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        })
    }
}

/// From here on the signals do not end the program but come here.
pub(crate) fn listen() -> io::Result<impl Stream<Item = Signal> + Unpin> {
    let mut interrupts = unix::signal(SignalKind::interrupt())?;
    let mut terminates = unix::signal(SignalKind::terminate())?;
    Ok(select(
        poll_fn(move |cx| interrupts.poll_recv(cx)).map(|()| Signal::Interrupt),
        poll_fn(move |cx| terminates.poll_recv(cx)).map(|()| Signal::Terminate),
    ))
}
