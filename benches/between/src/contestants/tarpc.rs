//! tarpc, with bincode over TCP.

use super::{Peer, Reply, body};
use crate::BoxError;
use bytes::Bytes;
use futures_util::StreamExt;
use tarpc::server::{BaseChannel, Channel};
use tarpc::tokio_serde::formats::Bincode;
use tarpc::{client, context, serde_transport};

const MOST: usize = 64 << 20;

#[tarpc::service]
trait Between {
    async fn echo(bytes: Bytes) -> Bytes;
    async fn bulk(size: u32) -> Bytes;
}

#[derive(Clone)]
struct Service;

impl Between for Service {
    async fn echo(self, _: context::Context, bytes: Bytes) -> Bytes {
        bytes
    }

    async fn bulk(self, _: context::Context, size: u32) -> Bytes {
        body(size)
    }
}

pub async fn serve() -> Result<(), BoxError> {
    let mut listener = serde_transport::tcp::listen("127.0.0.1:0", Bincode::default).await?;
    listener.config_mut().max_frame_length(MOST);
    println!("{}", listener.local_addr());
    while let Some(transport) = listener.next().await {
        let channel = BaseChannel::with_defaults(transport?);
        tokio::spawn(channel.execute(Service.serve()).for_each(|answer| async {
            tokio::spawn(answer);
        }));
    }
    Ok(())
}

pub struct Tarpc(BetweenClient);

pub async fn connect(address: String) -> Result<Tarpc, BoxError> {
    let mut connect = serde_transport::tcp::connect(address, Bincode::default);
    connect.config_mut().max_frame_length(MOST);
    Ok(Tarpc(BetweenClient::new(client::Config::default(), connect.await?).spawn()))
}

impl Peer for Tarpc {
    fn echo(&self, bytes: Bytes) -> Reply<'_> {
        Box::pin(async { Ok(self.0.echo(context::current(), bytes).await?) })
    }

    fn bulk(&self, size: u32) -> Reply<'_> {
        Box::pin(async move { Ok(self.0.bulk(context::current(), size).await?) })
    }
}
