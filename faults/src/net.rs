//! Machines that have no way to each other but through a relay: network namespaces.
//!
//! All of it lies in namespaces of this program's own, of networks, mounts and processes: when it ends, however it ends, the kernel takes
//! all of it back.

use crate::Fallible;
use crate::peer::Peer;
use std::ffi::OsStr;
use std::process::{Command, ExitStatus};

/// Says to this program that it is inside.
const INSIDE: &str = "FAULTS_INSIDE";

pub(crate) fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    if !rustix::process::getuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command
}

/// This program again, with the same arguments, in namespaces of its own.
///
/// # Errors
/// Why none can be made here.
pub(crate) fn again_inside() -> Result<ExitStatus, String> {
    let tried = unshare()
        .args([
            "sh",
            "-c",
            "mount -t tmpfs none /run && ip netns add probe && ip link add name near type veth peer name far && ip netns exec probe true",
        ])
        .output()
        .map_err(|error| format!("`unshare` does not run: {error}"))?;
    if !tried.status.success() {
        let why = String::from_utf8_lossy(&tried.stderr);
        return Err(why.lines().next().unwrap_or("no reason was given").to_owned());
    }
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut inside = unshare();
    inside.arg(program).args(std::env::args_os().skip(1)).env(INSIDE, "1");
    inside.status().map_err(|error| error.to_string())
}

pub(crate) fn run(program: &str, args: &[&str]) -> Fallible {
    let output = Command::new(program).args(args).output()?;
    if output.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&output.stderr);
    Err(format!("{program} {}: {}", args.join(" "), why.trim()).into())
}

/// Some machines, numbered from 1, and a relay that each of them can reach.
///
/// Machine `n` is 10.77.`n`.2, in a network with nothing but the relay, 10.77.`n`.1, which passes no packets on but as its process does.
#[derive(Debug)]
pub(crate) struct Lab {
    pub relay: Peer,
}

impl Lab {
    pub(crate) fn build(machines: u8) -> Fallible<Self> {
        // Where the names of namespaces lie: not where others of this system see them.
        run("mount", &["-t", "tmpfs", "none", "/run"])?;
        run("ip", &["netns", "add", "relay"])?;
        // It is everybody's way out, and leads nowhere: machines know where the others are, and must not come there.
        run("ip", &["netns", "exec", "relay", "sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_forward"])?;
        for n in 1..=machines {
            let (machine, near, far) = (machine(n), format!("n{n}"), format!("f{n}"));
            run("ip", &["netns", "add", &machine])?;
            run("ip", &["link", "add", &near, "netns", "relay", "type", "veth", "peer", "name", &far])?;
            run("ip", &["link", "set", &far, "netns", &machine, "name", "net"])?;
            run("ip", &["-n", "relay", "addr", "add", &format!("10.77.{n}.1/24"), "dev", &near])?;
            run("ip", &["-n", "relay", "link", "set", &near, "up"])?;
            run("ip", &["-n", &machine, "addr", "add", &format!("10.77.{n}.2/24"), "dev", "net"])?;
            run("ip", &["-n", &machine, "link", "set", "net", "up"])?;
            run("ip", &["-n", &machine, "link", "set", "lo", "up"])?;
            run("ip", &["-n", &machine, "route", "add", "default", "via", &format!("10.77.{n}.1")])?;
        }
        let relay = Peer::start("relay", role("relay", "relay", &[])?)?;
        Ok(Lab { relay })
    }

    /// A way from one machine to another: its name, and the address at which the first one finds the other.
    pub(crate) fn link(&mut self, from: u8, to: u8) -> Fallible<(String, String)> {
        let (name, listen) = (format!("{from}-{to}"), format!("10.77.{from}.1:{}", 5000 + u16::from(to)));
        self.relay.order(&format!("link {name} {listen} 10.77.{to}.1 10.77.{to}.2:4000"))?;
        Ok((name, listen))
    }

    /// Gives a machine another address in its network: the last number of it.
    pub(crate) fn move_to(n: u8, old: u8, new: u8) -> Fallible {
        let machine = machine(n);
        run("ip", &["-n", &machine, "addr", "del", &format!("10.77.{n}.{old}/24"), "dev", "net"])?;
        run("ip", &["-n", &machine, "addr", "add", &format!("10.77.{n}.{new}/24"), "dev", "net"])?;
        // It went with the address.
        run("ip", &["-n", &machine, "route", "add", "default", "via", &format!("10.77.{n}.1")])
    }
}

/// Two machines with a cable between them, on which everybody hears what is said to all: 10.78.0.1 and 10.78.0.2.
pub(crate) fn two_in_one_network() -> Fallible<[String; 2]> {
    run("mount", &["-t", "tmpfs", "none", "/run"])?;
    let machines = [1, 2].map(machine);
    for machine in &machines {
        run("ip", &["netns", "add", machine])?;
    }
    let [first, second] = &machines;
    run(
        "ip",
        &["link", "add", "net", "netns", first, "type", "veth", "peer", "name", "net", "netns", second],
    )?;
    for (n, machine) in machines.iter().enumerate() {
        run("ip", &["-n", machine, "addr", "add", &format!("10.78.0.{}/24", n + 1), "dev", "net"])?;
        run("ip", &["-n", machine, "link", "set", "net", "multicast", "on", "up"])?;
        run("ip", &["-n", machine, "link", "set", "lo", "up"])?;
        run("ip", &["-n", machine, "route", "add", "224.0.0.0/4", "dev", "net"])?;
    }
    Ok(machines)
}

pub(crate) fn machine(n: u8) -> String {
    format!("machine{n}")
}

/// This program in another role, in this namespace.
pub(crate) fn role(namespace: &str, role: &str, args: &[&OsStr]) -> Fallible<Command> {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace]).arg(std::env::current_exe()?).arg(role).args(args);
    Ok(command)
}

/// This program in another role, here.
pub(crate) fn this(role: &str, args: &[&OsStr]) -> Fallible<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(role).args(args);
    Ok(command)
}
