//! Ten thousand connections of a few clients, one caller beside them, and limits that hold.

use crate::Fallible;
use crate::net::this;
use crate::peer::Peer;
use std::ffi::OsStr;
use std::time::{Duration, Instant};

/// How many.
#[derive(clap::Args, Debug)]
pub(crate) struct Crowd {
    /// Connections in all.
    #[arg(long, default_value_t = 10_000)]
    connections: u32,
    /// Processes that have them.
    #[arg(long, default_value_t = 4)]
    clients: u32,
    /// How many connections each key has. The engine looks at all of a key whenever something happens to one of them.
    #[arg(long, default_value_t = 4)]
    of_one: u32,
    /// After how many milliseconds of silence a peer counts as gone: each is asked for a sign of life four times in that.
    #[arg(long, default_value_t = 30_000)]
    lost_after: u64,
    /// How long it is looked whether they stay, in seconds.
    #[arg(long, default_value_t = 20)]
    stay: u64,
}

/// What this machine has received, and what it had no room for.
struct Packets {
    received: u64,
    dropped: u64,
}

impl Packets {
    fn now() -> Self {
        let snmp = std::fs::read_to_string("/proc/net/snmp").unwrap_or_default();
        let line = snmp.lines().filter_map(|line| line.strip_prefix("Udp: ")).nth(1).unwrap_or_default();
        let field = |n| line.split(' ').nth(n).and_then(|field| field.parse().ok()).unwrap_or_default();
        Packets { received: field(0), dropped: field(4) }
    }

    fn since(&self, seconds: u64) {
        let Packets { received, dropped } = Packets::now();
        let received = (received - self.received) / seconds.max(1);
        let dropped = (dropped - self.dropped) / seconds.max(1);
        println!("packets each second: {received} received, {dropped} dropped for want of room in a socket");
    }
}

const PATIENCE: Duration = Duration::from_secs(600);

/// Whether all were let in and stayed, nobody else was, and there was room again when they had gone.
pub(crate) fn run(options: &Crowd) -> Fallible<bool> {
    let folder = tempfile::tempdir()?;
    let Crowd { connections, clients, of_one, lost_after, stay } = *options;
    let (key, log) = (folder.path().join("key"), folder.path().join("log"));
    let keys = connections / clients / of_one;
    let each = keys * of_one;
    // A place for the caller.
    let (all, of_one) = ((each * clients + 1).to_string(), of_one.to_string());
    let (count, keys, lost_after) = (each.to_string(), keys.to_string(), lost_after.to_string());
    let mut args: Vec<&OsStr> = vec!["--key".as_ref(), key.as_ref(), "--log".as_ref(), log.as_ref()];
    let limits =
        ["--bind", "127.0.0.1:0", "--connections", &all, "--of-one", &of_one, "--lost-after", &lost_after];
    args.extend(limits.map(OsStr::new));
    let server = Peer::start("server", this("serve", &args)?)?;
    let ticket = server.wait_for("ticket ", PATIENCE)?;
    let empty = server.cost()?;

    let args = ["--peer", &ticket, "--hold", "0", "--lost-after", &lost_after].map(OsStr::new);
    let caller = Peer::start("caller", this("call", &args)?)?;
    caller.wait_for("ready", PATIENCE)?;
    let (began, packets) = (Instant::now(), Packets::now());
    let mut guests = Vec::new();
    for _ in 0..clients {
        let args = ["--peer", &ticket, "--count", &count, "--keys", &keys, "--lost-after", &lost_after];
        let args = args.map(OsStr::new);
        guests.push(Peer::start("clients", this("guests", &args)?)?);
    }
    let (mut inside, mut again) = (0, 0);
    for guest in &guests {
        let said = guest.wait_for("in ", PATIENCE)?;
        let words: Vec<&str> = said.splitn(3, ' ').collect();
        let [count, tries, ..] = words[..] else { return Err(said.into()) };
        inside += count.parse::<u32>()?;
        again += tries.parse::<u32>()?;
        words.get(2).iter().for_each(|why| println!("not let in: {why}"));
    }
    println!("{again} were tried more than once");
    println!("{inside} connections of {clients} clients, made in {:.1?}", began.elapsed());
    packets.since(began.elapsed().as_secs());
    let (full, packets) = (server.cost()?, Packets::now());
    println!("the server has {} KiB for each", (full.kib - empty.kib) / u64::from(inside.max(1)));
    slowest("while they were made", &caller)?;

    std::thread::sleep(Duration::from_secs(stay));
    let processor = (server.cost()?.processor - full.processor).as_secs_f64() / stay as f64;
    println!("for {stay} s they stay: that takes {:.0} % of a processor", processor * 100.0);
    packets.since(stay);
    slowest("while they stay", &caller)?;
    let mut is_well = inside == each * clients;
    for guest in &mut guests {
        guest.say("ask")?;
        let said = guest.wait_for("answered ", PATIENCE)?;
        println!("a client: answered {said}");
        is_well &= said.starts_with(&format!("{each} of {each}"));
    }
    for guest in guests.iter_mut().take(1) {
        guest.say("one more")?;
        let said = guest.wait_for("more: ", PATIENCE)?;
        println!("one more of one that has as many as it may: {said}");
        is_well &= said.ends_with("(code 3)");
    }
    let (mut other, _) = newcomer(&ticket, &lost_after)?;
    other.say("one more")?;
    let said = other.wait_for("more: ", PATIENCE)?;
    println!("one more than there may be in all: {said}");
    is_well &= said.ends_with("(code 3)");

    // Killed, they say nothing: their places are free after the silence.
    guests.pop();
    let began = Instant::now();
    loop {
        other.say("one more")?;
        if other.wait_for("more: ", PATIENCE)? == "let in" {
            break;
        }
        if began.elapsed() > PATIENCE {
            return Err("no place got free".into());
        }
    }
    println!("a client is killed: a place is free after {:.2?}", began.elapsed());
    Ok(is_well)
}

/// A client that has no connection yet.
fn newcomer(ticket: &str, lost_after: &str) -> Fallible<(Peer, String)> {
    let args = ["--peer", ticket, "--count", "0", "--lost-after", lost_after].map(OsStr::new);
    let peer = Peer::start("newcomer", this("guests", &args)?)?;
    let said = peer.wait_for("in ", PATIENCE)?;
    Ok((peer, said))
}

/// What the caller has been told since it was asked last.
fn slowest(when: &str, caller: &Peer) -> Fallible {
    let (mut slowest, mut count, mut failed) = (0, 0, 0);
    while let Some((_, line)) = caller.next(Instant::now())? {
        if let ["call", _, told, micros, ..] = line.splitn(5, ' ').collect::<Vec<_>>()[..] {
            count += 1;
            failed += u32::from(told != "ok");
            slowest = slowest.max(micros.parse::<u64>()?);
        }
    }
    println!(
        "a caller beside them, {when}: {count} calls, {failed} failed, the slowest {} ms",
        slowest / 1000
    );
    Ok(())
}
