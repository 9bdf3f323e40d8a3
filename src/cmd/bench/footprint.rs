//! Memory when idle and for each idle connection, and the time to the first answer on a large
//! archive.

use std::time::Instant;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::booking::set_up;
use super::load::answer;
use super::server::{Server, Setting, folder, now_ms};
use super::{FootprintOptions, verdict};
use crate::cmd::output;
use crate::store::bench::seed_calls;

const PROBE: &[u8] = b"GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Measures and prints.
pub async fn measure(options: &FootprintOptions) -> anyhow::Result<()> {
    let folder = folder()?;
    let connections = options.connections.max(1);
    let most = (connections + 16).to_string();
    let setting = Setting::new(
        folder.path(),
        &[("LIMITS__MAX_CONNECTIONS", &most), ("LIMITS__MAX_CONNECTIONS_PER_ADDRESS", &most)],
    )?;
    set_up(&setting).await?;
    output::note(format!("storing {} calls …", options.calls));
    let now = jiff::Timestamp::from_millisecond(now_ms())?;
    seed_calls(folder.path(), options.calls, now)?;
    let begun = Instant::now();
    let server = Server::start(&setting)?;
    let mut streams = vec![TcpStream::connect(server.address).await?];
    probe(&mut streams[0]).await?;
    let first_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let idle_kib = server.memory_kib()?;
    for _ in 1..connections {
        let mut stream = TcpStream::connect(server.address).await?;
        probe(&mut stream).await?;
        streams.push(stream);
    }
    let full_kib = server.memory_kib()?;
    let each_kib = full_kib.saturating_sub(idle_kib) as f64 / connections as f64;
    let idle_mib = idle_kib as f64 / 1_024.0;
    let calls = options.calls;
    let (met, most) = (verdict(idle_mib <= 24.0), 24);
    output::line(format!("P10 idle: {idle_mib:.1} MiB, at most {most}: {met}"));
    let (met, most) = (verdict(each_kib <= 16.0), 16);
    output::line(format!(
        "P10 an idle connection ({connections} of them): {each_kib:.1} KiB, at most {most}: {met}"
    ));
    let (met, most) = (verdict(first_ms <= 150.0), 150);
    output::line(format!(
        "P10 first answer with {calls} calls stored: {first_ms:.0} ms, at most {most}: {met}"
    ));
    drop(streams);
    server.stop()
}

async fn probe(stream: &mut TcpStream) -> anyhow::Result<()> {
    stream.write_all(PROBE).await?;
    let mut buffer = vec![0; 4 << 10];
    let (status, _) = answer(stream, &mut buffer).await?;
    anyhow::ensure!(status == 200, "the server is not ready: {status}");
    Ok(())
}
