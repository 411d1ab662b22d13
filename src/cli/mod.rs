//! The command line: prints, never decides. Each command is one function; how they end is in [`shop::Fault`].

/// `println!` and `eprintln!` of the commands: those of std panic when the reader has gone ([`print`]).
macro_rules! println {
    () => { $crate::cli::print::line(format_args!("")) };
    ($($words:tt)*) => { $crate::cli::print::line(format_args!($($words)*)) };
}
macro_rules! eprintln {
    ($($words:tt)*) => { $crate::cli::print::aside(format_args!($($words)*)) };
}

mod act;
mod args;
mod check;
mod demo;
mod events;
mod holidays;
mod import;
pub mod init;
mod keep;
mod look;
mod online;
pub mod post;
pub mod print;
mod procedure;
mod procedure_text;
mod said;
mod school_answers;
pub mod shop;
mod status;
mod try_form;
mod waiting;
pub mod work;
mod workdays;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use args::{Arguments, Command};
use shop::{Fault, Shop};

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    // Logs hold ids and states, never content; libraries that log mail or credentials stay silent whatever is asked.
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("daymark=info"))
        .add_directive(tracing::Level::ERROR.into());
    // What it would say is said by `adapters::tls`, in words.
    let filter = match "rustls_platform_verifier=off".parse() {
        Ok(silent) => filter.add_directive(silent),
        Err(_) => filter,
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Colours are for a screen; in a file they are noise around every word.
        .with_ansi(std::io::stderr().is_terminal())
        .without_time()
        .init();

    // What a panic says of itself may hold what it fell over: a line of a mail, a name.
    std::panic::set_hook(Box::new(|fault| {
        let place = fault.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!("Daymark has a fault, at {place}: please report it");
    }));

    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match run(&arguments) {
        Ok(()) if print::all_written() => ExitCode::SUCCESS,
        Ok(()) => {
            eprintln!("daymark: the work was done, but its output could not be written: is the disk full?");
            ExitCode::from(3)
        }
        Err(fault) => {
            let _ = print::all_written();
            if !fault.words.is_empty() {
                eprintln!("daymark: {}", fault.words);
            }
            ExitCode::from(fault.code)
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Fault> {
    let shop = Shop::new(arguments)?;
    match &arguments.command {
        Command::Init { dir } => init::init(dir, &shop),
        Command::Try { file, json } => try_form::try_file(&shop, file, *json),
        Command::Run => crate::daemon::run(&shop),
        Command::Once => work::once(&shop),
        Command::Demo { dir } => demo::demo(dir.as_deref()),
        Command::Check { online } => check::check(&shop, *online),
        Command::ReadForm { file, json } => try_form::read_form(&shop, file, *json),
        Command::Open { fields, by, mailbox, quiet_before } => {
            act::open(&shop, fields, by.as_deref(), mailbox.as_deref(), quiet_before.as_deref())
        }
        Command::Cases { json } => look::cases(&shop, *json),
        Command::Case { reference, json } => look::case(&shop, reference, *json),
        Command::Deadlines { case, json } => look::deadlines(&shop, case.as_deref(), *json),
        Command::Held { json } => waiting::held(&shop, *json),
        Command::Outbox { json } => waiting::outbox(&shop, *json),
        Command::Events { json } => {
            events::events(*json);
            Ok(())
        }
        Command::Record { .. } => act::record(&shop, &arguments.command),
        Command::Approve { reference, message, by, strike, because, text } => {
            act::approve(&shop, reference, message, by.as_deref(), strike, because.as_deref(), text.as_deref())
        }
        Command::Preview { reference, message, out } => act::preview(&shop, reference, message, out),
        Command::Release { ids, treat_as, by } => act::release(&shop, ids, treat_as, by.as_deref()),
        Command::Requeue { ids } => act::requeue(&shop, ids),
        Command::Render { template, data, out } => try_form::render(&shop, template, data, out),
        Command::Workdays(command) => workdays::workdays(&shop, command),
        Command::Holidays(command) => holidays::run(&shop, command),
        Command::Procedure(command) => check::procedure(&shop, command),
        Command::Status { json } => status::status(&shop, *json),
        Command::Verify => keep::verify(&shop),
        Command::Backup { file } => keep::backup(&shop, file),
        Command::Destroy { reference, because, by } => keep::destroy(&shop, reference, because, by.as_deref()),
        Command::Import { since, mailbox, yes } => import::import(&shop, since, mailbox.as_deref(), *yes),
        Command::MergeChronologies { .. } => {
            Err(not_yet("merge-chronologies", "the returned tables lie in the mailbox, in .Processed"))
        }
        Command::Board { .. } => Err(not_yet("board", "`daymark case REF` and the digest show the agencies")),
        Command::Restore { .. } => {
            Err(not_yet("restore", "stop the daemon, and copy the backup over the data file by hand"))
        }
        Command::Export { .. } => Err(not_yet("export", "`daymark case REF --json` prints everything that is known")),
    }
}

fn not_yet(command: &str, instead: &str) -> Fault {
    Fault::usage(format!("`{command}` is not there yet in this version; meanwhile {instead}"))
}

/// Who is at the keyboard, for the log: `--by`, else the user's name on this machine.
fn who(by: Option<&str>) -> String {
    by.map(str::to_owned)
        .or_else(|| ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok()))
        .filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| "the command line".to_owned())
}
