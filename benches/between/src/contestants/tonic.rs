//! gRPC.

use super::{Items, Opening, Peer, Reply, body, items};
use crate::BoxError;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tonic::{Request, Response, Status};

mod generated {
    #![allow(warnings)]
    include!(concat!(env!("OUT_DIR"), "/between.Between.rs"));
}

use generated::between_client::BetweenClient;
use generated::between_server::{Between, BetweenServer};

const MOST: usize = 64 << 20;
const STREAMS: u32 = 1 << 14;

#[derive(Clone, PartialEq, prost::Message)]
pub struct Body {
    #[prost(bytes = "bytes", tag = "1")]
    pub bytes: Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Size {
    #[prost(uint32, tag = "1")]
    pub size: u32,
}

#[derive(Debug)]
struct Service;

#[tonic::async_trait]
impl Between for Service {
    async fn echo(&self, request: Request<Body>) -> Result<Response<Body>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    async fn bulk(&self, request: Request<Size>) -> Result<Response<Body>, Status> {
        Ok(Response::new(Body { bytes: body(request.into_inner().size) }))
    }

    type ItemsStream = BoxStream<'static, Result<Body, Status>>;

    async fn items(&self, request: Request<Size>) -> Result<Response<Self::ItemsStream>, Status> {
        let items = items(request.into_inner().size).map(|bytes| Ok(Body { bytes }));
        Ok(Response::new(items.boxed()))
    }
}

pub async fn serve() -> Result<(), BoxError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?);
    Server::builder()
        // With the default of 200 the next stream waits for the end of another one.
        .max_concurrent_streams(STREAMS)
        .add_service(BetweenServer::new(Service).max_encoding_message_size(MOST))
        .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)))
        .await?;
    Ok(())
}

pub struct Tonic(BetweenClient<Channel>);

pub async fn connect(address: String) -> Result<Tonic, BoxError> {
    let channel = Channel::from_shared(format!("http://{address}"))?
        // As large as ours, so that neither waits for room.
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(16 << 20)
        .connect()
        .await?;
    Ok(Tonic(BetweenClient::new(channel).max_decoding_message_size(MOST)))
}

impl Peer for Tonic {
    fn echo(&self, bytes: Bytes) -> Reply<'_> {
        let mut client = self.0.clone();
        Box::pin(async move { Ok(client.echo(Body { bytes }).await?.into_inner().bytes) })
    }

    fn bulk(&self, size: u32) -> Reply<'_> {
        let mut client = self.0.clone();
        Box::pin(async move { Ok(client.bulk(Size { size }).await?.into_inner().bytes) })
    }

    fn items(&self, count: u32) -> Option<Opening<'_>> {
        let mut client = self.0.clone();
        Some(Box::pin(async move {
            let items = client.items(Size { size: count }).await?.into_inner();
            Ok(items.map_ok(|body| body.bytes).map_err(BoxError::from).boxed() as Items)
        }))
    }
}
