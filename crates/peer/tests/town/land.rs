//! Lands: network namespaces with a thread in each, joined by wires that tests lay and cut.
//! Only root can make them; elsewhere [`Land::possible`] says so and the test says that it was
//! skipped.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use nix::sched::{CloneFlags, setns};
use std::{
    fs::{self, File},
    process::{Command, id},
    sync::atomic::{AtomicU32, Ordering},
    thread::JoinHandle,
};
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

const PREFIX: &str = "tracenet-test-";

/// A network of its own: a namespace, and a thread with a runtime in it.
pub struct Land {
    pub name: String,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Runs `ip`.
pub fn ip(words: &str) {
    let out = Command::new("ip").args(words.split_whitespace()).output().unwrap();
    assert!(out.status.success(), "ip {words}: {}", String::from_utf8_lossy(&out.stderr));
}

impl Land {
    /// Whether lands can be made here. Says so where not.
    pub fn possible() -> bool {
        let root = nix::unistd::geteuid().is_root();
        let tool = Command::new("ip").args(["netns", "list"]).output();
        if root && tool.is_ok_and(|out| out.status.success()) {
            sweep();
            // A container may be root without the right to make networks.
            let name = format!("{PREFIX}{}-probe", id());
            let made = Command::new("ip").args(["netns", "add", &name]).output();
            if made.is_ok_and(|out| out.status.success()) {
                ip(&format!("netns del {name}"));
                return true;
            }
        }
        eprintln!("skipped: network namespaces need root and `ip netns`");
        false
    }

    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{PREFIX}{}-{}", id(), COUNT.fetch_add(1, Ordering::Relaxed));
        ip(&format!("netns add {name}"));
        ip(&format!("-n {name} link set lo up"));
        let (tell, told) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let place = format!("/run/netns/{name}");
        let thread = std::thread::spawn(move || {
            setns(File::open(place).unwrap(), CloneFlags::CLONE_NEWNET).unwrap();
            // One family, so that every packet is one that a test can name.
            fs::write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1").unwrap();
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            tell.send(runtime.handle().clone()).unwrap();
            let _ = runtime.block_on(stopped);
        });
        let runtime = told.recv().unwrap();
        Self { name, runtime, stop: Some(stop), thread: Some(thread) }
    }

    /// Runs something in this land.
    pub async fn run<T: Send + 'static>(
        &self,
        what: impl Future<Output = T> + Send + 'static,
    ) -> T {
        match self.runtime.spawn(what).await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// A wire between two lands, with the address each end has, such as `10.77.1.1/24`.
    pub fn wire(&self, here: &str, other: &Self, there: &str) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let (a, b) = (&self.name, &other.name);
        ip(&format!("-n {a} link add w{n}a type veth peer name w{n}b netns {b}"));
        for (land, wire, address) in [(a, "a", here), (b, "b", there)] {
            ip(&format!("-n {land} addr add {address} dev w{n}{wire}"));
            ip(&format!("-n {land} link set w{n}{wire} up"));
        }
    }

    /// Lands on one cable, the first of which is the switch and has the first address.
    pub fn cable(&self, net: &str, others: &[&Self]) {
        let name = &self.name;
        ip(&format!("-n {name} link add cable type bridge"));
        ip(&format!("-n {name} addr add {net}.1/24 dev cable"));
        ip(&format!("-n {name} link set cable up"));
        for (n, other) in others.iter().enumerate() {
            let (far, at) = (&other.name, n + 2);
            ip(&format!("-n {name} link add plug{at} type veth peer name cable netns {far}"));
            ip(&format!("-n {name} link set plug{at} master cable up"));
            ip(&format!("-n {far} addr add {net}.{at}/24 dev cable"));
            ip(&format!("-n {far} link set cable up"));
        }
    }

    /// Runs `ip` on this land's network.
    pub fn ip(&self, words: &str) {
        ip(&format!("-n {} {words}", self.name));
    }

    /// What `ip` says of this land's network.
    pub fn ask(&self, words: &str) -> String {
        let all = ["-n", &self.name].into_iter().chain(words.split_whitespace());
        let out = Command::new("ip").args(all).output().unwrap();
        String::from_utf8(out.stdout).unwrap()
    }

    /// Packets that left any interface of this land, the loopback too.
    pub async fn sent(&self) -> u64 {
        self.run(async {
            let table = fs::read_to_string("/proc/thread-self/net/dev").unwrap();
            let sent = |line: &str| {
                let (_, numbers) = line.split_once(':')?;
                numbers.split_whitespace().nth(9)?.parse::<u64>().ok()
            };
            table.lines().filter_map(sent).sum()
        })
        .await
    }

    /// UDP datagrams that programs of this land sent, wherever to.
    pub async fn datagrams(&self) -> u64 {
        self.run(async {
            let table = fs::read_to_string("/proc/thread-self/net/snmp").unwrap();
            let mut udp = table.lines().filter_map(|line| line.strip_prefix("Udp: "));
            let names = udp.next().unwrap().split_whitespace();
            let values = udp.next().unwrap().split_whitespace();
            let sent = names.zip(values).find(|(name, _)| *name == "OutDatagrams").unwrap();
            sent.1.parse().unwrap()
        })
        .await
    }
}

impl Drop for Land {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let _ = Command::new("ip").args(["netns", "del", &self.name]).output();
    }
}

/// Removes what a killed test left.
fn sweep() {
    let Ok(all) = fs::read_dir("/run/netns") else { return };
    for name in all.filter_map(|entry| entry.ok()?.file_name().into_string().ok()) {
        let maker = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        if maker.is_some_and(|pid| !fs::exists(format!("/proc/{pid}")).unwrap_or(true)) {
            let _ = Command::new("ip").args(["netns", "del", &name]).output();
        }
    }
}
