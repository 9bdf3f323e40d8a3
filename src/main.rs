//! The program: arguments to one command to an exit code.

fn main() -> std::process::ExitCode {
    frontdesk::cmd::main()
}
