//! Plain iroh: a stream a call, nothing on top.

use super::frames;
use super::{Items, Opening, Peer, Reply, body};
use crate::BoxError;
use bytes::Bytes;
use iroh::endpoint::{Connection, QuicTransportConfig, RecvStream, RelayMode, presets};
use iroh::{Endpoint, EndpointAddr, EndpointId, TransportAddr};
use std::net::SocketAddr;

const ALPN: &[u8] = b"between";
const ECHO: u8 = 0;
const BULK: u8 = 1;
const ITEMS: u8 = 2;
const MOST: usize = 64 << 20;

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
                    let request = from.read_to_end(MOST).await?;
                    if let Some((&ITEMS, count)) = request.split_first() {
                        return frames::send(to, u32::from_be_bytes(count.try_into()?)).await;
                    }
                    let reply = match request.split_first() {
                        Some((&BULK, size)) => body(u32::from_be_bytes(size.try_into()?)),
                        _ => Bytes::from(request),
                    };
                    to.write_chunk(reply).await?;
                    to.finish()?;
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
    async fn ask(&self, kind: u8, rest: &[u8]) -> Result<RecvStream, BoxError> {
        let (mut to, from) = self.connection.open_bi().await?;
        let mut request = Vec::with_capacity(1 + rest.len());
        request.push(kind);
        request.extend_from_slice(rest);
        to.write_chunk(request.into()).await?;
        to.finish()?;
        Ok(from)
    }

    async fn call(&self, kind: u8, rest: &[u8]) -> Result<Bytes, BoxError> {
        Ok(self.ask(kind, rest).await?.read_to_end(MOST).await?.into())
    }
}

impl Peer for Iroh {
    fn echo(&self, bytes: Bytes) -> Reply<'_> {
        Box::pin(async move { Ok(self.call(ECHO, &bytes).await?.slice(1..)) })
    }

    fn bulk(&self, size: u32) -> Reply<'_> {
        Box::pin(async move { self.call(BULK, &size.to_be_bytes()).await })
    }

    fn items(&self, count: u32) -> Option<Opening<'_>> {
        Some(Box::pin(async move {
            Ok(Box::pin(frames::read(self.ask(ITEMS, &count.to_be_bytes()).await?)) as Items)
        }))
    }
}
