//! How a connection is made, and why there is none.

use super::Whence;
use crate::key::Key;
use crate::node::Settings;
use crate::wire::{ALPN, Hello, VERSION, close};
use actor_core::{RemoteError, Unreachable, VersionMismatch};
use iroh::EndpointAddr;
use iroh::address_lookup::EndpointInfo;
use iroh::endpoint::{ConnectError, Connection, ConnectionError, VarInt};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Which part of the time for a connection the address book may take.
const PART: u32 = 4;

/// A connection, with its server's first word. If the server has just found out that connections before it were dead, it wants another one: see `peers`.
pub(super) async fn connect(
    whence: &Whence,
    peer: Key,
    settings: &Settings,
) -> Result<(Connection, Hello), RemoteError> {
    match attempt(whence, peer, settings).await? {
        Some(connected) => Ok(connected),
        None => {
            let again = attempt(whence, peer, settings).await?;
            again.ok_or(RemoteError::Unreachable(Unreachable::Timeout))
        }
    }
}

/// `None` if the server wants another one.
async fn attempt(
    whence: &Whence,
    peer: Key,
    settings: &Settings,
) -> Result<Option<(Connection, Hello)>, RemoteError> {
    let unreachable = |why| RemoteError::Unreachable(why);
    let connecting = async {
        let address = address(whence, peer, settings.connect / PART).await;
        let connection = whence.endpoint.connect(address, ALPN).await.map_err(|error| refusal(&error))?;
        match hello(&connection).await {
            Some(hello) => Ok(Some((connection, hello))),
            None => {
                let closed = timeout(settings.connect, connection.closed()).await;
                connection.close(VarInt::from_u32(close::PROTOCOL), b"no hello");
                match closed {
                    Ok(ConnectionError::ApplicationClosed(closed))
                        if closed.error_code == VarInt::from_u32(close::AGAIN) =>
                    {
                        Ok(None)
                    }
                    Ok(why) => Err(closing(&why)),
                    Err(_) => Err(unreachable(Unreachable::Timeout)),
                }
            }
        }
    };
    timeout(settings.connect, connecting).await.unwrap_or(Err(unreachable(Unreachable::Timeout)))
}

/// Where it is known to be. The engine looks nowhere while it still waits for an answer from where it has looked before.
async fn address(whence: &Whence, peer: Key, within: Duration) -> EndpointAddr {
    let known = whence.addresses.get_endpoint_info(peer.0).map(EndpointInfo::into_endpoint_addr);
    let mut address = known.unwrap_or_else(|| EndpointAddr::new(peer.0));
    if let Some(book) = &whence.book {
        // A disk that does not answer keeps nobody from what is known otherwise.
        address.addrs.extend(timeout(within, book.find(peer)).await.unwrap_or_default());
    }
    address
}

async fn hello(connection: &Connection) -> Option<Hello> {
    let mut stream = connection.accept_uni().await.ok()?;
    let bytes = stream.read_to_end(64).await.ok()?;
    postcard::from_bytes(&bytes).ok().filter(|hello: &Hello| hello.calls > 0)
}

/// Why there is no connection, from what the network says.
fn refusal(error: &ConnectError) -> RemoteError {
    use iroh::endpoint::{ConnectWithOptsError as Before, ConnectingError as During};
    match error {
        ConnectError::Connect { source: Before::NoAddress { .. }, .. } => {
            RemoteError::Unreachable(Unreachable::NoAddress)
        }
        ConnectError::Connect { source: Before::EndpointClosed { .. }, .. } => {
            RemoteError::Unreachable(Unreachable::Closed)
        }
        ConnectError::Connecting { source: During::ConnectionError { source, .. }, .. }
        | ConnectError::Connection { source, .. } => closing(source),
        ConnectError::Connecting { source: During::HandshakeFailure { .. }, .. } => {
            RemoteError::Unreachable(Unreachable::Key)
        }
        other => RemoteError::Unreachable(Unreachable::Other(other.to_string().into())),
    }
}

/// The TLS alert of a peer that speaks no version of this protocol.
const NO_APPLICATION_PROTOCOL: u8 = 120;

fn closing(why: &ConnectionError) -> RemoteError {
    match why {
        ConnectionError::ApplicationClosed(closed)
            if closed.error_code == VarInt::from_u32(close::REFUSED) =>
        {
            RemoteError::Refused
        }
        ConnectionError::ConnectionClosed(closed)
            if u64::from(closed.error_code) == 0x100 + u64::from(NO_APPLICATION_PROTOCOL) =>
        {
            let version = String::from_utf8_lossy(ALPN).into_owned();
            let mismatch =
                VersionMismatch { message: version.clone(), ours: (VERSION, version), theirs: None };
            RemoteError::VersionMismatch(Arc::new(mismatch))
        }
        ConnectionError::TransportError(error) if (0x100..0x200).contains(&u64::from(error.code)) => {
            RemoteError::Unreachable(Unreachable::Key)
        }
        ConnectionError::TimedOut => RemoteError::Unreachable(Unreachable::Timeout),
        ConnectionError::LocallyClosed => RemoteError::Unreachable(Unreachable::Closed),
        other => RemoteError::Unreachable(Unreachable::Other(other.to_string().into())),
    }
}
