//! Plain iroh: a stream a call, nothing on top.

use super::question::{self, Answer, MOST};
use super::{Items, Opening, Peer, Reply, frames};
use crate::BoxError;
use bytes::Bytes;
use iroh::endpoint::{Connection, QuicTransportConfig, RecvStream, RelayMode, presets};
use iroh::{Endpoint, EndpointAddr, EndpointId, TransportAddr};
use std::net::SocketAddr;

const ALPN: &[u8] = b"between";

async fn endpoint() -> Result<Endpoint, BoxError> {
    let transport = QuicTransportConfig::builder().max_concurrent_bidi_streams(1024u32.into()).build();
    let endpoint = Endpoint::builder(presets::Minimal)
        .transport_config(transport)
        .relay_mode(RelayMode::Disabled)
        .alpns(vec![ALPN.to_vec()])
        .clear_ip_transports()
        .bind_addr(SocketAddr::from(([127, 0, 0, 1], 0)))?
        .bind()
        .await?;
    Ok(endpoint)
}

pub async fn serve() -> Result<(), BoxError> {
    let endpoint = endpoint().await?;
    let at = endpoint.bound_sockets();
    println!("{} {}", endpoint.id(), at.first().ok_or("no socket")?);
    while let Some(incoming) = endpoint.accept().await {
        let connection = incoming.await?;
        tokio::spawn(async move {
            while let Ok((mut to, mut from)) = connection.accept_bi().await {
                tokio::spawn(async move {
                    match Answer::to(from.read_to_end(MOST).await?)? {
                        Answer::Items(count) => frames::send(to, count).await?,
                        Answer::Whole(reply) => {
                            to.write_chunk(reply).await?;
                            to.finish()?;
                        }
                    }
                    Ok::<_, BoxError>(())
                });
            }
        });
    }
    Ok(())
}

pub struct Iroh {
    _endpoint: Endpoint,
    connection: Connection,
}

pub async fn connect(address: String) -> Result<Iroh, BoxError> {
    let (id, at) = address.split_once(' ').ok_or("no address")?;
    let (id, at): (EndpointId, SocketAddr) = (id.parse()?, at.parse()?);
    let endpoint = endpoint().await?;
    let address = EndpointAddr::from_parts(id, [TransportAddr::Ip(at)]);
    let connection = endpoint.connect(address, ALPN).await?;
    Ok(Iroh { _endpoint: endpoint, connection })
}

impl Iroh {
    async fn ask(&self, question: Bytes) -> Result<RecvStream, BoxError> {
        let (mut to, from) = self.connection.open_bi().await?;
        to.write_chunk(question).await?;
        to.finish()?;
        Ok(from)
    }

    async fn call(&self, question: Bytes) -> Result<Bytes, BoxError> {
        Ok(self.ask(question).await?.read_to_end(MOST).await?.into())
    }
}

impl Peer for Iroh {
    fn echo(&self, bytes: Bytes) -> Reply<'_> {
        Box::pin(async move { self.call(question::echo(&bytes)).await })
    }

    fn bulk(&self, size: u32) -> Reply<'_> {
        Box::pin(async move { self.call(question::bulk(size)).await })
    }

    fn items(&self, count: u32) -> Option<Opening<'_>> {
        Some(Box::pin(
            async move { Ok(Box::pin(frames::read(self.ask(question::items(count)).await?)) as Items) },
        ))
    }
}
