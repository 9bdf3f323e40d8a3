//! `frontdesk bench`: measures this program on this machine.
#[derive(clap::Subcommand)]
pub enum Command {
    Intake,
}
pub async fn bench(_c: Command) -> anyhow::Result<()> {
    Ok(())
}
