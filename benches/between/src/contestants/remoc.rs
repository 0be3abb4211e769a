//! remoc's remote traits, over TCP.

use super::{Items, Opening, Peer, Reply, body, items};
use crate::BoxError;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use remoc::codec::Bincode;
use remoc::prelude::*;
use remoc::rch::mpsc;
use remoc::rtc::{CallError, ServerShared};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};

#[rtc::remote]
pub trait Between: Sync {
    async fn echo(&self, bytes: Bytes) -> Result<Bytes, CallError>;
    async fn bulk(&self, size: u32) -> Result<Bytes, CallError>;
    async fn items(&self, count: u32) -> Result<mpsc::Receiver<Bytes, Bincode>, CallError>;
}

pub struct Service;

impl Between for Service {
    async fn echo(&self, bytes: Bytes) -> Result<Bytes, CallError> {
        Ok(bytes)
    }

    async fn bulk(&self, size: u32) -> Result<Bytes, CallError> {
        Ok(body(size))
    }

    async fn items(&self, count: u32) -> Result<mpsc::Receiver<Bytes, Bincode>, CallError> {
        let (sender, receiver) = mpsc::channel();
        tokio::spawn(async move {
            let mut items = items(count);
            while let Some(item) = items.next().await {
                if sender.send(item).await.is_err() {
                    return;
                }
            }
        });
        Ok(receiver)
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
            let (server, client) = BetweenServerShared::<_, Bincode>::new(Arc::new(Service));
            remoc::Connect::io(remoc::Cfg::default(), read, write).provide(client).await?;
            server.serve().await.map_err(|error| error.to_string())?;
            Ok::<_, BoxError>(())
        });
    }
}

pub struct Remoc(BetweenClient<Bincode>);

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

    fn items(&self, count: u32) -> Option<Opening<'_>> {
        Some(Box::pin(async move {
            let items = stream::try_unfold(self.0.items(count).await?, |mut items| async {
                let item = items.recv().await?;
                Ok(item.map(|item| (item, items)))
            });
            Ok(items.boxed() as Items)
        }))
    }
}
