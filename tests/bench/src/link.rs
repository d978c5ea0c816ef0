//! A link that takes its time: two networks of their own with nothing between them but two TUN
//! devices, and threads that carry each packet from one to the other after a delay.
//!
//! The kernel's own delay (netem) is a module that many machines have not. Needs the right to make
//! network namespaces and `/dev/net/tun`: root has both.

use crate::nodes::PATIENCE;
use anyhow::{Context as _, Result, ensure};
use nix::sched::{CloneFlags, unshare};
use std::{
    process::Command,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::{
    net::UdpSocket,
    runtime::{Builder, Handle},
    sync::oneshot,
    time::timeout,
};
use tun_rs::{DeviceBuilder, SyncDevice};

const NEAR: &str = "10.78.0.1";
const FAR: &str = "10.78.0.2";
/// Of UDP, for the echo.
const ECHO: u16 = 7;

/// Two networks with a link.
pub(crate) struct Link {
    pub(crate) near: Land,
    pub(crate) far: Land,
}

impl Link {
    /// Makes both, and a link on which a packet is under way for `delay`.
    ///
    /// # Errors
    /// When this machine does not let us.
    pub(crate) fn new(delay: Duration) -> Result<Self> {
        let ((near, here), (far, there)) = (Land::new(NEAR)?, Land::new(FAR)?);
        carry(&here, &there, delay);
        carry(&there, &here, delay);
        far.handle.spawn(async {
            let Ok(echo) = UdpSocket::bind((FAR, ECHO)).await else { return };
            let mut packet = [0; 64];
            while let Ok((_, from)) = echo.recv_from(&mut packet).await {
                // It goes or it does not, as packets do.
                let _ = echo.send_to(b"!", from).await;
            }
        });
        Ok(Self { near, far })
    }

    /// How long a packet takes there and back.
    pub(crate) async fn round_trip(&self) -> Result<Duration> {
        let trip = self.near.run(async {
            let socket = UdpSocket::bind((NEAR, 0)).await?;
            let began = Instant::now();
            socket.send_to(b"?", (FAR, ECHO)).await?;
            timeout(PATIENCE, socket.recv(&mut [0; 8])).await??;
            Ok(began.elapsed())
        });
        trip.await?
    }
}

/// A network of its own, and a runtime whose threads are in it.
pub(crate) struct Land {
    handle: Handle,
    _stop: oneshot::Sender<()>,
}

impl Land {
    fn new(address: &'static str) -> Result<(Self, Arc<SyncDevice>)> {
        let (tell, told) = channel();
        let (stop, stopped) = oneshot::channel::<()>();
        thread::spawn(move || {
            let made = settle(address).and_then(|device| {
                Ok((Builder::new_multi_thread().worker_threads(2).enable_all().build()?, device))
            });
            match made {
                Ok((runtime, device)) => {
                    // Who asked waits for this.
                    let _ = tell.send(Ok((runtime.handle().clone(), device)));
                    let _ = runtime.block_on(stopped);
                    runtime.shutdown_background();
                }
                Err(error) => drop(tell.send(Err(error))),
            }
        });
        let (handle, device) = told.recv()??;
        Ok((Self { handle, _stop: stop }, Arc::new(device)))
    }

    /// Runs something in this network. A thread is in the network of the one that starts it: whatever
    /// starts some of its own is started here.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        what: impl Future<Output = T> + Send + 'static,
    ) -> Result<T> {
        Ok(self.handle.spawn(what).await?)
    }
}

/// Moves this thread into a new network with one device of this address.
fn settle(address: &str) -> Result<SyncDevice> {
    unshare(CloneFlags::CLONE_NEWNET).context("no network of its own can be made here")?;
    let device = DeviceBuilder::new().name("tn0").build_sync().context("no TUN device")?;
    for words in
        ["link set lo up", &format!("addr add {address}/24 dev tn0"), "link set dev tn0 up"]
    {
        let done = Command::new("ip").args(words.split_whitespace()).status()?;
        ensure!(done.success(), "ip {words}: {done}");
    }
    Ok(device)
}

/// Carries packets one way until the program ends.
fn carry(from: &Arc<SyncDevice>, to: &Arc<SyncDevice>, delay: Duration) {
    let (put, take): (Sender<(Instant, Vec<u8>)>, Receiver<_>) = channel();
    let (from, to) = (Arc::clone(from), Arc::clone(to));
    thread::spawn(move || {
        let mut packet = vec![0; 1 << 16];
        while let Ok(length) = from.recv(&mut packet) {
            let due = Instant::now() + delay;
            let Some(packet) = packet.get(..length) else { return };
            if put.send((due, packet.to_vec())).is_err() {
                return;
            }
        }
    });
    thread::spawn(move || {
        for (due, packet) in take {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            // What the device does not take is lost, as on any link.
            let _ = to.send(&packet);
        }
    });
}
