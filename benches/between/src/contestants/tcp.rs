//! By hand over TCP: frames with their length before them, numbered, so that answers may come in any order.

use super::{Peer, Reply, body};
use crate::BoxError;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio_util::codec::{FramedRead, FramedWrite, LengthDelimitedCodec};

const ECHO: u8 = 0;
const BULK: u8 = 1;
const MOST: usize = 64 << 20;

fn codec() -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder().max_frame_length(MOST).new_codec()
}

/// Writes what comes, and flushes when nothing more is there.
async fn write(mut frames: mpsc::Receiver<Bytes>, to: impl tokio::io::AsyncWrite + Unpin) {
    let mut to = FramedWrite::new(to, codec());
    while let Some(frame) = frames.recv().await {
        let mut next = Some(frame);
        while let Some(frame) = next {
            if to.feed(frame).await.is_err() {
                return;
            }
            next = frames.try_recv().ok();
        }
        if SinkExt::<Bytes>::flush(&mut to).await.is_err() {
            return;
        }
    }
}

pub async fn serve() -> Result<(), BoxError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (read, to) = stream.into_split();
        let (sender, frames) = mpsc::channel(1024);
        tokio::spawn(write(frames, to));
        tokio::spawn(async move {
            let mut read = FramedRead::new(read, codec());
            while let Some(Ok(mut frame)) = read.next().await {
                let (number, kind) = (frame.get_u64(), frame.get_u8());
                let reply = match kind {
                    ECHO => frame.freeze(),
                    _ => body(frame.get_u32()),
                };
                let mut answer = BytesMut::with_capacity(8 + reply.len());
                answer.put_u64(number);
                answer.put(reply);
                if sender.send(answer.freeze()).await.is_err() {
                    return;
                }
            }
        });
    }
}

type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Bytes>>>>;

pub struct Tcp {
    sender: mpsc::Sender<Bytes>,
    waiting: Waiting,
    next: std::sync::atomic::AtomicU64,
}

pub async fn connect(address: String) -> Result<Tcp, BoxError> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (read, to) = stream.into_split();
    let (sender, frames) = mpsc::channel(1024);
    tokio::spawn(write(frames, to));
    let waiting = Waiting::default();
    let known = Arc::clone(&waiting);
    tokio::spawn(async move {
        let mut read = FramedRead::new(read, codec());
        while let Some(Ok(mut frame)) = read.next().await {
            let number = frame.get_u64();
            if let Some(caller) = known.lock().unwrap_or_else(PoisonError::into_inner).remove(&number) {
                let _ = caller.send(frame.freeze());
            }
        }
    });
    Ok(Tcp { sender, waiting, next: 0.into() })
}

impl Tcp {
    async fn call(&self, kind: u8, body: &[u8]) -> Result<Bytes, BoxError> {
        let number = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let (sender, reply) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(number, sender);
        let mut frame = BytesMut::with_capacity(9 + body.len());
        frame.put_u64(number);
        frame.put_u8(kind);
        frame.put(body);
        self.sender.send(frame.freeze()).await?;
        Ok(reply.await?)
    }
}

impl Peer for Tcp {
    fn echo(&self, bytes: Bytes) -> Reply<'_> {
        Box::pin(async move { self.call(ECHO, &bytes).await })
    }

    fn bulk(&self, size: u32) -> Reply<'_> {
        Box::pin(async move { self.call(BULK, &size.to_be_bytes()).await })
    }
}
