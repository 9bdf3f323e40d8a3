//! This very binary, serving as a process of its own, and what the system says of it.
//!
//! Never outlives the measurement.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::clock::{Clock, random};
use crate::config::{self, Settings, Sources};
use crate::crypto::digest::hex;
use crate::providers::{Registry, VoiceAccount};

/// Name of the benchmark's voice account.
pub const ACCOUNT: &str = "retell";
/// The benchmark's agent.
pub const AGENT: &str = "agent_bench";
/// What it says on standard error, in its data folder.
const LOG_FILE: &str = "bench.log";
/// Clock ticks a second in /proc (`USER_HZ`, which is 100 on every Linux).
const TICKS_A_SECOND: f64 = 100.0;
/// How long the process may take to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the server is configured.
pub struct Setting {
    sources: Sources,
    /// The same, read.
    pub settings: Settings,
    registry: Registry,
}

impl Setting {
    /// A configuration with a key of its own, the data in `dir`, and more settings such as
    /// `("LIMITS__WRITE_BATCH", "1")`.
    pub fn new(dir: &Path, more: &[(&str, &str)]) -> anyhow::Result<Self> {
        let set = |key: &str, value: &str| (format!("FRONTDESK_{key}"), value.to_owned());
        let secret = format!("key_{}", hex(&random::<16>()));
        let mut env = vec![
            set("SERVER__LISTEN", "127.0.0.1:0"),
            set("VOICE__RETELL__API_KEYS", &secret),
            set("LOG__LEVEL", "error"),
        ];
        if !more.iter().any(|(key, _)| key.starts_with("ARCHIVE__")) {
            // The calls of most measurements were carried by nobody.
            env.push(set("ARCHIVE__STORE", "none"));
        }
        env.extend(more.iter().map(|(key, value)| set(key, value)));
        let sources = Sources { file: None, data_dir: Some(dir.to_owned()), env };
        let settings = config::load(&sources)?;
        let registry = Registry::build(&settings)?;
        Ok(Self { sources, settings, registry })
    }

    /// The voice account, which signs.
    pub fn account(&self) -> anyhow::Result<&VoiceAccount> {
        self.account_named(ACCOUNT)
    }

    /// The voice account of a name.
    pub fn account_named(&self, name: &str) -> anyhow::Result<&VoiceAccount> {
        self.registry.voice(name).map(Arc::as_ref).context("the account is configured")
    }
}

/// The server's process.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts the process and waits until it listens.
    pub fn start(setting: &Setting) -> anyhow::Result<Self> {
        let dir = setting.sources.data_dir.as_deref().context("a data folder is set")?;
        let mut command = Command::new(std::env::current_exe()?);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("FRONTDESK_") {
                command.env_remove(name);
            }
        }
        // What it says is for its operator; here it counts only when it does not start.
        let log = dir.join(LOG_FILE);
        let mut child = command
            .args(["serve", "--data-dir"])
            .arg(dir)
            .envs(setting.sources.env.iter().cloned())
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()?;
        let out = child.stdout.take().context("its output is piped")?;
        let mut first = String::new();
        BufReader::new(out).read_line(&mut first)?;
        let listens = first
            .strip_prefix("Listening on http://")
            .and_then(|rest| rest.split(',').next().and_then(|address| address.parse().ok()));
        let Some(address) = listens else {
            bail!("the server did not start: {first}{}", std::fs::read_to_string(log)?);
        };
        Ok(Self { child, address })
    }

    /// Seconds of CPU it has used.
    pub fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name may hold spaces: fields are counted from the bracket that ends it.
        let fields: Vec<&str> =
            stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok());
        let used = ticks(11).zip(ticks(12)).context("/proc/PID/stat has the times")?;
        Ok((used.0 + used.1) / TICKS_A_SECOND)
    }

    /// Memory of its own that it holds, in KiB (`VmRSS`).
    pub fn memory_kib(&self) -> anyhow::Result<u64> {
        self.status_kib("VmRSS:")
    }

    /// The most memory of its own that it ever held, in KiB (`VmHWM`).
    pub fn memory_peak_kib(&self) -> anyhow::Result<u64> {
        self.status_kib("VmHWM:")
    }

    fn status_kib(&self, name: &str) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|rest| rest.split_whitespace().next());
        number.and_then(|text| text.parse().ok()).with_context(|| format!("there is no {name}"))
    }

    /// Ends it as a power cut would, with SIGKILL.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Ends it softly and waits until it has.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status()?;
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::yield_now();
        }
        bail!("the server did not end")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; there is nothing else to do about it here.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Flushes that the disk under a folder has done since the machine started; `None` when the
/// system does not count them, as for a file system in memory.
pub fn flushes(dir: &Path) -> Option<u64> {
    let device = std::fs::metadata(dir).ok()?.dev();
    let (major, minor) = (device >> 8 & 0xfff, device & 0xff | device >> 12 & 0xfff00);
    let stats = std::fs::read_to_string("/proc/diskstats").ok()?;
    let line = stats.lines().find(|line| {
        let mut fields = line.split_whitespace();
        fields.next() == Some(&major.to_string()) && fields.next() == Some(&minor.to_string())
    })?;
    line.split_whitespace().nth(18)?.parse().ok()
}

/// A data folder for one measurement, removed afterwards.
pub fn folder() -> std::io::Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix("frontdesk-bench-").tempdir()
}

/// The present moment, for signatures.
pub fn now_ms() -> i64 {
    Clock::System.now_ms()
}
