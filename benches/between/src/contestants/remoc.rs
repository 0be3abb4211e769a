//! remoc's remote traits, over TCP.

use super::{Peer, Reply, body};
use crate::BoxError;
use bytes::Bytes;
use remoc::prelude::*;
use remoc::rtc::{CallError, ServerShared};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};

#[rtc::remote]
pub trait Between: Sync {
    async fn echo(&self, bytes: Bytes) -> Result<Bytes, CallError>;
    async fn bulk(&self, size: u32) -> Result<Bytes, CallError>;
}

pub struct Service;

impl Between for Service {
    async fn echo(&self, bytes: Bytes) -> Result<Bytes, CallError> {
        Ok(bytes)
    }

    async fn bulk(&self, size: u32) -> Result<Bytes, CallError> {
        Ok(body(size))
    }
}

pub async fn serve() -> Result<(), BoxError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (read, write) = stream.into_split();
        tokio::spawn(async move {
            let (server, client) = BetweenServerShared::<_, remoc::codec::Bincode>::new(Arc::new(Service));
            remoc::Connect::io(remoc::Cfg::default(), read, write).provide(client).await?;
            server.serve().await.map_err(|error| error.to_string())?;
            Ok::<_, BoxError>(())
        });
    }
}

pub struct Remoc(BetweenClient<remoc::codec::Bincode>);

pub async fn connect(address: String) -> Result<Remoc, BoxError> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (read, write) = stream.into_split();
    Ok(Remoc(remoc::Connect::io(remoc::Cfg::default(), read, write).consume().await?))
}

impl Peer for Remoc {
    fn echo(&self, bytes: Bytes) -> Reply<'_> {
        Box::pin(async { Ok(self.0.echo(bytes).await?) })
    }

    fn bulk(&self, size: u32) -> Reply<'_> {
        Box::pin(async move { Ok(self.0.bulk(size).await?) })
    }
}
