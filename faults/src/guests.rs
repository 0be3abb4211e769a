//! A process with many connections to one node, made by hand: a real caller has one.
//!
//! It shows several keys, since the engine looks at all connections of a key whenever something happens to one of them.

use crate::Fallible;
use actor_remote::Ticket;
use futures::stream::{self, StreamExt as _};
use iroh::endpoint::{
    Connection, ConnectionError, IdleTimeout, QuicTransportConfig, RecvStream, RelayMode, SendStream, presets,
};
use iroh::{Endpoint, EndpointAddr, PublicKey, TransportAddr};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::time::timeout;

/// How many, and of whom.
#[derive(clap::Args, Debug)]
pub(crate) struct Guests {
    /// Whose guests they are.
    #[arg(long)]
    peer: Ticket,
    /// How many connections.
    #[arg(long)]
    count: usize,
    /// How many keys they show.
    #[arg(long, default_value_t = 1)]
    keys: usize,
    /// How many are made at a time.
    #[arg(long, default_value_t = 16)]
    at_a_time: usize,
    /// After how many milliseconds of silence the node counts as gone.
    #[arg(long)]
    lost_after: u64,
}

/// How long one may take, on a machine that has ten thousand others to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// One of them.
struct Guest {
    connection: Connection,
    send: SendStream,
    recv: RecvStream,
}

/// `Unwatch` of what is not watched: says that somebody is there.
const GREETING: [u8; 6] = [2, 0, 0, 0, 8, 0];

/// `Watch` of an actor that is not there: that is answered.
const QUESTION: [u8; 9] = [5, 0, 0, 0, 7, 0, 0, 1, b'x'];

pub(crate) async fn run(options: Guests) -> Fallible {
    let silence = Duration::from_millis(options.lost_after);
    let transport = QuicTransportConfig::builder()
        .max_idle_timeout(Some(IdleTimeout::try_from(silence)?))
        .keep_alive_interval(silence / 4)
        .default_path_max_idle_timeout(silence)
        .default_path_keep_alive_interval(silence / 4)
        .build();
    let mut endpoints = Vec::new();
    for _ in 0..options.keys {
        let endpoint = Endpoint::builder(presets::Minimal)
            .relay_mode(RelayMode::Disabled)
            .transport_config(transport.clone())
            .clear_ip_transports()
            .bind_addr(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        endpoints.push(endpoint.bind().await?);
    }
    println!("keys {}", endpoints.len());
    let key = PublicKey::from_bytes(options.peer.key().as_bytes())?;
    let addresses = options.peer.addresses().iter().copied().map(TransportAddr::Ip);
    let address = EndpointAddr::from_parts(key, addresses);

    let mut why = BTreeMap::<String, usize>::new();
    let mut guests = Vec::new();
    let mut entering = stream::iter(0..options.count)
        .map(|n| enter(&endpoints[n % endpoints.len()], &address))
        .buffer_unordered(options.at_a_time);
    while let Some(entered) = entering.next().await {
        match entered {
            Ok(guest) => guests.push(guest),
            Err(error) => *why.entry(error.to_string()).or_default() += 1,
        }
    }
    drop(entering);
    println!("in {} {}", guests.len(), reasons(&why));

    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        match line.as_str() {
            "ask" => ask(&mut guests).await,
            "one more" => match enter(&endpoints[0], &address).await {
                Ok(_) => println!("more: let in"),
                Err(error) => println!("more: {error}"),
            },
            _ => return Err(format!("`{line}`?").into()),
        }
    }
    Ok(())
}

fn reasons(why: &BTreeMap<String, usize>) -> String {
    why.iter().map(|(why, count)| format!("{count} x {why}")).collect::<Vec<_>>().join("; ")
}

async fn enter(endpoint: &Endpoint, address: &EndpointAddr) -> Fallible<Guest> {
    let connecting = timeout(PATIENCE, endpoint.connect(address.clone(), b"actor/1"));
    let connection = connecting.await.map_err(|_| "no handshake in time")??;
    let hello = async {
        let mut hello = connection.accept_uni().await?;
        hello.read_to_end(64).await?;
        let (mut send, recv) = connection.open_bi().await?;
        send.write_all(&GREETING).await?;
        Fallible::Ok((send, recv))
    };
    match timeout(PATIENCE, hello).await.map_err(|_| "no hello in time")? {
        Ok((send, recv)) => Ok(Guest { connection, send, recv }),
        Err(error) => match connection.close_reason() {
            Some(ConnectionError::ApplicationClosed(closed)) => {
                Err(format!("closed with code {}", closed.error_code).into())
            }
            Some(other) => Err(other.into()),
            None => Err(error),
        },
    }
}

/// Who is answered, and how late.
async fn ask(guests: &mut [Guest]) {
    let count = guests.len();
    let mut why = BTreeMap::<String, usize>::new();
    let (mut answered, mut slowest) = (0, Duration::ZERO);
    let mut asking = stream::iter(guests)
        .map(|guest| async {
            let began = Instant::now();
            let mut answer = [0; 4];
            let asked = async {
                guest.send.write_all(&QUESTION).await?;
                guest.recv.read_exact(&mut answer).await?;
                Fallible::Ok(())
            };
            match timeout(PATIENCE, asked).await {
                Ok(Ok(())) => Ok(began.elapsed()),
                Ok(Err(error)) => {
                    Err(guest.connection.close_reason().map_or(error.to_string(), |why| why.to_string()))
                }
                Err(_) => Err("no answer in time".to_owned()),
            }
        })
        .buffer_unordered(64);
    while let Some(asked) = asking.next().await {
        match asked {
            Ok(took) => (answered, slowest) = (answered + 1, slowest.max(took)),
            Err(error) => *why.entry(error).or_default() += 1,
        }
    }
    println!("answered {answered} of {count}, the last after {slowest:.2?} {}", reasons(&why));
}
