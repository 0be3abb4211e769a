//! A process with many connections to one node, made by hand: a real caller has one.
//!
//! It shows several keys, since the engine looks at all connections of a key whenever something happens to one of them.

use crate::Fallible;
use actor_remote::Ticket;
use futures::stream::{self, StreamExt as _};
use iroh::endpoint::{
    Connection, IdleTimeout, QuicTransportConfig, RecvStream, RelayMode, SendStream, presets,
};
use iroh::{Endpoint, EndpointAddr, PublicKey, TransportAddr};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Display;
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

impl Guest {
    /// `Watch` of an actor that is not there, under a number that was not given before: that is answered.
    async fn ask(&mut self, number: u8) -> Fallible {
        self.send.write_all(&[5, 0, 0, 0, 7, number, 0, 1, b'x']).await?;
        let mut length = [0; 4];
        self.recv.read_exact(&mut length).await?;
        let mut answer = vec![0; usize::try_from(u32::from_le_bytes(length))?];
        Ok(self.recv.read_exact(&mut answer).await?)
    }

    /// Why it is none any more.
    fn reason(&self, error: &dyn Display) -> String {
        self.connection.close_reason().map_or(error.to_string(), |why| why.to_string())
    }
}

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
    let (mut guests, again) = (Vec::new(), Cell::new(0));
    let mut entering = stream::iter(0..options.count)
        .map(|n| enter(&endpoints[n % endpoints.len()], &address, &again))
        .buffer_unordered(options.at_a_time);
    while let Some(entered) = entering.next().await {
        match entered {
            Ok(guest) => guests.push(guest),
            Err(error) => *why.entry(error).or_default() += 1,
        }
    }
    drop(entering);
    println!("in {} {} {}", guests.len(), again.get(), reasons(&why));

    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        match line.as_str() {
            "ask" => ask(&mut guests).await,
            "one more" => match enter(&endpoints[0], &address, &again).await {
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

/// A caller tries again where it knows that nothing has run.
const ATTEMPTS: usize = 5;

/// A connection that was answered.
async fn enter(endpoint: &Endpoint, address: &EndpointAddr, again: &Cell<usize>) -> Result<Guest, String> {
    for _ in 1..ATTEMPTS {
        match attempt(endpoint, address).await {
            // Refused, which it will be again.
            Err(why) if !why.contains(REFUSED) => again.set(again.get() + 1),
            done => return done,
        }
    }
    attempt(endpoint, address).await
}

/// The code of a limit.
const REFUSED: &str = "(code 3)";

async fn attempt(endpoint: &Endpoint, address: &EndpointAddr) -> Result<Guest, String> {
    let connecting = timeout(PATIENCE, endpoint.connect(address.clone(), b"actor/2")).await;
    let connection = connecting.map_err(|_| "no handshake in time")?.map_err(|error| error.to_string())?;
    let begin = async {
        let mut hello = connection.accept_uni().await?;
        hello.read_to_end(64).await?;
        let (send, recv) = connection.open_bi().await?;
        let mut guest = Guest { connection: connection.clone(), send, recv };
        guest.ask(0).await?;
        Fallible::Ok(guest)
    };
    match timeout(PATIENCE, begin).await {
        Ok(Ok(guest)) => Ok(guest),
        Ok(Err(error)) => Err(connection.close_reason().map_or(error.to_string(), |why| why.to_string())),
        Err(_) => Err("no answer in time".to_owned()),
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
            match timeout(PATIENCE, guest.ask(1)).await {
                Ok(Ok(())) => Ok(began.elapsed()),
                Ok(Err(error)) => Err(guest.reason(&error)),
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
