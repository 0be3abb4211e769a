//! Items on a stream of their own, each with its length before it.

use super::items;
use crate::BoxError;
use bytes::Bytes;
use futures_util::{SinkExt, Stream, StreamExt, TryStreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::codec::{FramedRead, FramedWrite, LengthDelimitedCodec};

/// Sends so many, and then the end.
pub async fn send(to: impl AsyncWrite + Unpin, count: u32) -> Result<(), BoxError> {
    let mut to = FramedWrite::new(to, LengthDelimitedCodec::new());
    // What is ready goes out together.
    to.send_all(&mut items(count).map(Ok)).await?;
    SinkExt::<Bytes>::close(&mut to).await?;
    Ok(())
}

pub fn read(from: impl AsyncRead) -> impl Stream<Item = Result<Bytes, BoxError>> {
    FramedRead::new(from, LengthDelimitedCodec::new()).map_ok(|item| item.freeze()).map_err(BoxError::from)
}
