//! Three machines, a register on one and a bank on another, callers on all of them, and something that befalls them; and whether what the
//! callers saw can have happened one after the other.

use crate::Fallible;
use crate::keeper::{Answer, Event, Op};
use crate::net::{Lab, machine, role};
use crate::peer::Peer;
use actor_remote::Key;
use histories::{Bank, BankOp, BankRet, Done, History, Register, RegisterOp, RegisterRet, Verdict};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How many, and which.
#[derive(clap::Args, Debug)]
pub(crate) struct Rounds {
    /// How many rounds, of six seconds each.
    #[arg(long, default_value_t = 20)]
    rounds: u64,
    /// What befalls whom.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The register answers with what was before, now and then: that must be found.
    #[arg(long)]
    planted: bool,
}

/// How long it goes well before, how long it does not, and how long after.
const BEFORE: Duration = Duration::from_millis(1_000);
const DURING: Duration = Duration::from_millis(2_000);
const AFTER: Duration = Duration::from_millis(2_000);

/// How long processes may take to be there, and to answer all.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many steps are looked at, at most.
const MOST: usize = 3_000_000;

/// What befalls a machine, or its way to another.
#[derive(Clone, Copy, Debug)]
enum Blow {
    Kill(usize),
    Freeze(usize),
    /// All ways of one machine, there and back.
    Isolate(usize),
    /// One way, in one direction.
    Cut(usize),
    Loss,
    Delay,
    Rebind,
}

struct Machines<'a> {
    lab: &'a mut Lab,
    /// From each to each other: from, to, name, address.
    links: &'a [(u8, u8, String, String)],
    folder: PathBuf,
    keys: [Key; 3],
    peers: Vec<Peer>,
    is_planted: bool,
    seed: u64,
}

/// What was asked for by the process of this number, in its so-manieth life.
type Events = BTreeMap<(usize, usize, u64), (u64, Op, Option<(u64, Answer)>)>;

/// Whether all histories are linearizable; or, of one that is wrong on purpose, one is not.
pub(crate) fn run(options: &Rounds) -> Fallible<bool> {
    let folder = tempfile::tempdir()?;
    let mut lab = Lab::build(3)?;
    let mut links = Vec::new();
    for (from, to) in [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)] {
        let (name, address) = lab.link(from, to)?;
        links.push((from, to, name, address));
    }
    let mut random = fastrand::Rng::with_seed(options.seed);
    let mut found = 0;
    let mut sums = (0, 0);
    for round in 0..options.rounds {
        let blow = match round % 7 {
            0 => Blow::Kill(random.usize(0..3)),
            1 => Blow::Isolate(random.usize(0..3)),
            2 => Blow::Freeze(random.usize(0..3)),
            3 => Blow::Cut(random.usize(0..links.len())),
            4 => Blow::Loss,
            5 => Blow::Delay,
            _ => Blow::Rebind,
        };
        let folder = folder.path().join(round.to_string());
        let seed = options.seed * 1_000 + round;
        let mut machines = Machines::start(&mut lab, &links, folder, options.planted, seed)?;
        let events = machines.play(blow)?;
        drop(machines);
        let (register, bank) = histories(events);
        let ((a, b), (c, d)) = (register.len(), bank.len());
        let verdicts = [register.check(Register(0), MOST), bank.check(Bank::default(), MOST)];
        println!("round {round}: {blow:?}: register {a} answered, {b} unknown; bank {c}, {d}: {verdicts:?}");
        sums = (sums.0 + a + c, sums.1 + b + d);
        found += verdicts.iter().filter(|verdict| **verdict != Verdict::Linearizable).count();
    }
    println!(
        "{} rounds, {} operations answered, {} of which nobody knows, {found} wrong",
        options.rounds, sums.0, sums.1
    );
    Ok((found > 0) == options.planted)
}

impl<'a> Machines<'a> {
    fn start(
        lab: &'a mut Lab,
        links: &'a [(u8, u8, String, String)],
        folder: PathBuf,
        is_planted: bool,
        seed: u64,
    ) -> Fallible<Self> {
        for n in 1..=3 {
            std::fs::create_dir_all(folder.join(n.to_string()))?;
        }
        let key = |n: u8| Key::in_file(folder.join(n.to_string()).join("key"));
        let keys = [key(1)?, key(2)?, key(3)?];
        let mut machines = Machines { lab, links, folder, keys, peers: Vec::new(), is_planted, seed };
        for n in 0..3 {
            let peer = machines.process(n)?;
            machines.peers.push(peer);
        }
        Ok(machines)
    }

    /// The process of a machine: that of the first keeps the register, that of the second the bank.
    fn process(&self, n: usize) -> Fallible<Peer> {
        let number = u8::try_from(n + 1)?;
        let folder = self.folder.join(number.to_string());
        let ticket = |to: u8| {
            let key = self.keys[usize::from(to) - 1];
            let link = self.links.iter().find(|(from, other, ..)| (*from, *other) == (number, to));
            format!("{key}@{}", link.map_or("", |(.., address)| address))
        };
        let (key, register, bank) = (folder.join("key"), ticket(1), ticket(2));
        let seed = (self.seed * 3 + n as u64).to_string();
        let mut args: Vec<&OsStr> =
            vec!["--key".as_ref(), key.as_ref(), "--folder".as_ref(), folder.as_ref()];
        args.extend(["--peers", &register, &bank, "--seed", &seed].map(OsStr::new));
        args.extend(self.is_planted.then_some(OsStr::new("--planted")));
        let peer = Peer::start("keeper", role(&machine(number), "keep", &args)?)?;
        peer.wait_for("key ", PATIENCE)?;
        Ok(peer)
    }

    fn play(&mut self, blow: Blow) -> Fallible<Events> {
        let mut events = Events::new();
        let mut lives = [0; 3];
        for peer in &mut self.peers {
            peer.say("go")?;
        }
        self.listen(&mut events, lives, BEFORE)?;
        self.strike(blow)?;
        self.listen(&mut events, lives, DURING)?;
        self.relent(blow, &mut lives)?;
        self.listen(&mut events, lives, AFTER)?;
        for (n, peer) in self.peers.iter_mut().enumerate() {
            peer.say("stop")?;
            let until = Instant::now() + PATIENCE;
            loop {
                let Some((_, line)) = peer.next(until)? else {
                    return Err("a call without an answer".into());
                };
                if !note(&mut events, (n, lives[n]), &line)? {
                    break;
                }
            }
        }
        Ok(events)
    }

    /// Writes down what they say for so long.
    fn listen(&self, events: &mut Events, lives: [usize; 3], time: Duration) -> Fallible {
        let until = Instant::now() + time;
        while Instant::now() < until {
            for (n, peer) in self.peers.iter().enumerate() {
                // One that was killed says nothing more.
                while let Ok(Some((_, line))) = peer.next(Instant::now()) {
                    note(events, (n, lives[n]), &line)?;
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    fn strike(&mut self, blow: Blow) -> Fallible {
        match blow {
            Blow::Kill(n) => self.peers[n].kill(),
            Blow::Freeze(n) => self.peers[n].freeze(),
            Blow::Isolate(n) => self.weather("cut", |from, to| from == n + 1 || to == n + 1),
            Blow::Cut(n) => {
                let way = if n % 2 == 0 { "up" } else { "down" };
                self.lab.relay.order(&format!("{way} {} cut", self.links[n].2))
            }
            Blow::Loss => self.weather("loss 100", |_, _| true),
            Blow::Delay => self.weather("delay 100", |_, _| true),
            Blow::Rebind => {
                for (.., name, _) in self.links {
                    self.lab.relay.order(&format!("rebind {name}"))?;
                }
                Ok(())
            }
        }
    }

    fn relent(&mut self, blow: Blow, lives: &mut [usize; 3]) -> Fallible {
        match blow {
            Blow::Kill(n) => {
                self.peers[n] = self.process(n)?;
                lives[n] += 1;
                self.peers[n].say("go")
            }
            Blow::Freeze(n) => self.peers[n].thaw(),
            Blow::Rebind => Ok(()),
            Blow::Isolate(_) | Blow::Cut(_) | Blow::Loss | Blow::Delay => self.weather("heal", |_, _| true),
        }
    }

    fn weather(&mut self, what: &str, wanted: impl Fn(usize, usize) -> bool) -> Fallible {
        for (from, to, name, _) in self.links {
            if wanted(usize::from(*from), usize::from(*to)) {
                self.lab.relay.order(&format!("up {name} {what}"))?;
                self.lab.relay.order(&format!("down {name} {what}"))?;
            }
        }
        Ok(())
    }
}

/// What a line says; `false` if nothing more comes.
fn note(events: &mut Events, (n, life): (usize, usize), line: &str) -> Fallible<bool> {
    match serde_json::from_str(line) {
        Ok(Event::Begin { id, at, op }) => drop(events.insert((n, life, id), (at, op, None))),
        Ok(Event::End { id, at, answer }) => match events.get_mut(&(n, life, id)) {
            Some((_, _, end @ None)) => *end = Some((at, answer)),
            _ => return Err(format!("answered twice: {line}").into()),
        },
        Ok(Event::Done) => return Ok(false),
        // Cut off in the middle, by a kill.
        Err(_) => {}
    }
    Ok(true)
}

type Both = (History<RegisterOp, RegisterRet>, History<BankOp, BankRet>);

/// Without what is known not to have happened, and without questions that nobody has heard the answer of.
fn histories(events: Events) -> Both {
    let (mut registers, mut banks) = (Vec::new(), Vec::new());
    for (begin, op, end) in events.into_values() {
        match (op, end) {
            (_, Some((_, Answer::Never))) => {}
            (Op::Register(op), Some((at, Answer::Register(ret)))) => {
                registers.push(Done { op, begin, end: Some((at, ret)) });
            }
            (Op::Bank(op), Some((at, Answer::Bank(ret)))) => {
                banks.push(Done { op, begin, end: Some((at, ret)) })
            }
            (Op::Register(RegisterOp::Read) | Op::Bank(BankOp::Balances), _) => {}
            (Op::Register(op), _) => registers.push(Done { op, begin, end: None }),
            (Op::Bank(op), _) => banks.push(Done { op, begin, end: None }),
        }
    }
    (History::new(registers), History::new(banks))
}
