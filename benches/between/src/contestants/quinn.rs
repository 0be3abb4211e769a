//! Plain quinn: a stream a call, nothing on top, under a certificate that the server has made for itself.

use super::question::{self, Answer, MOST};
use super::{Items, Opening, Peer, Reply, frames};
use crate::BoxError;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use quinn::rustls::RootCertStore;
use quinn::rustls::pki_types::PrivatePkcs8KeyDer;
use quinn::{ClientConfig, Connection, Endpoint, RecvStream, ServerConfig, TransportConfig};
use std::net::SocketAddr;
use std::sync::Arc;

const NAME: &str = "localhost";

fn transport() -> Arc<TransportConfig> {
    let mut transport = TransportConfig::default();
    transport.max_concurrent_bidi_streams(1024u32.into());
    Arc::new(transport)
}

/// Any port of this machine.
fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

pub async fn serve() -> Result<(), BoxError> {
    let made = rcgen::generate_simple_self_signed([NAME.to_owned()])?;
    let (certificate, key) = (made.cert.der().clone(), made.signing_key.serialize_der());
    let mut config =
        ServerConfig::with_single_cert(vec![certificate.clone()], PrivatePkcs8KeyDer::from(key).into())?;
    config.transport_config(transport());
    let endpoint = Endpoint::server(config, anywhere())?;
    println!("{} {}", HEXLOWER.encode(&certificate), endpoint.local_addr()?);
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

pub struct Quinn {
    _endpoint: Endpoint,
    connection: Connection,
}

pub async fn connect(address: String) -> Result<Quinn, BoxError> {
    let (certificate, at) = address.split_once(' ').ok_or("no address")?;
    let mut roots = RootCertStore::empty();
    roots.add(HEXLOWER.decode(certificate.as_bytes())?.into())?;
    let mut config = ClientConfig::with_root_certificates(Arc::new(roots))?;
    config.transport_config(transport());
    let endpoint = Endpoint::client(anywhere())?;
    let connection = endpoint.connect_with(config, at.parse()?, NAME)?.await?;
    Ok(Quinn { _endpoint: endpoint, connection })
}

impl Quinn {
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

impl Peer for Quinn {
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
