//! The words of the command line (DESIGN section 7): stable, because scripts rely on them.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::events;

/// Watches a safeguarding mailbox: forms become cases, letters go where the local procedure says, and nobody misses a
/// working-day deadline.
#[derive(Debug, Parser)]
#[command(name = "daymark", version, about, max_term_width = 110)]
pub struct Arguments {
    /// The configuration file [default: ./daymark.toml, else ./config/daymark.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Sets the clock (RFC 3339), for rehearsal and tests; refused on `run` and on a live data file
    #[arg(long, global = true, value_name = "TIME")]
    pub now: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a configuration to fill in, and a key beside DIR
    Init {
        /// The folder to make
        dir: PathBuf,
    },
    /// Show what a form or mail would do: the case, its dates with their working, the mails; nothing is kept
    Try {
        /// A .docx or .eml
        file: PathBuf,
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// The daemon: watch, plan and send until it is told to stop
    Run,
    /// One pass over mailbox, clock and outbox, then exit
    Once,
    /// See it work: no account, no server; leaves the letters to look at
    Demo {
        /// Where to put it [default: a new folder daymark-demo]
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Check configuration, templates, calendar and schedule
    Check {
        /// Also log in and send to itself
        #[arg(long)]
        online: bool,
    },
    /// Read a form, or every form in a mail; touches no data
    ReadForm {
        /// A .docx or .eml
        file: PathBuf,
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Open a case without a form: FIELD=VALUE with the names read-form shows
    #[command(after_help = events::fields_of_a_referral())]
    Open {
        /// Such as children[0].name="Wren Example" children[0].date_of_incident=2026-03-20
        #[arg(value_name = "FIELD=VALUE")]
        fields: Vec<String>,
        /// Who opens it
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
        /// The mailbox it belongs to, where there are several
        #[arg(long, value_name = "NAME")]
        mailbox: Option<String>,
        /// It was running before Daymark: send nothing for what lies before this day, YYYY-MM-DD
        #[arg(long, value_name = "DATE")]
        quiet_before: Option<String>,
    },
    /// Every case, and when the next thing is due in it
    Cases {
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// One case: facts, children, events, deadlines, messages, agencies
    Case {
        /// The reference
        #[arg(value_name = "REF")]
        reference: String,
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Every clock, with its working
    Deadlines {
        /// Only this case
        #[arg(long, value_name = "REF")]
        case: Option<String>,
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Mail that waits for a person
    Held {
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Every mail of ours, and how it stands
    Outbox {
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// What can be recorded, with the fields each takes
    Events {
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Record what happened in a case; `daymark events` lists what can be
    #[command(after_help = events::WHAT_CAN_BE_CORRECTED)]
    Record {
        /// The case
        #[arg(value_name = "REF")]
        reference: String,
        /// The kind of event, as `daymark events` lists them
        event: String,
        /// FIELD=VALUE
        #[arg(value_name = "FIELD=VALUE")]
        fields: Vec<String>,
        /// The day it happened, YYYY-MM-DD, with the time if known: 2026-03-27T16:40
        #[arg(long, value_name = "DATE|TIME")]
        on: Option<String>,
        /// Who did it [default: the user's name on this machine]
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
        /// The child it is about: c1, c2 …
        #[arg(long, value_name = "cN")]
        child: Option<String>,
        /// Words beside it
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        /// A file that belongs to it
        #[arg(long, value_name = "FILE")]
        attach: Option<PathBuf>,
    },
    /// Approve a message (its number in the outbox, or its template for all that wait), for the text it has now
    Approve {
        /// The case
        #[arg(value_name = "REF")]
        reference: String,
        /// The message
        message: String,
        /// Who approves
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
        /// A recipient who must not get it
        #[arg(long, value_name = "ADDRESS")]
        strike: Vec<String>,
        /// The fingerprint of the text you looked at, as preview and outbox show it: no other text is approved
        #[arg(long, value_name = "FINGERPRINT")]
        text: Option<String>,
        /// Why
        #[arg(long, value_name = "TEXT")]
        because: Option<String>,
    },
    /// Write a message's document to a file, as it would leave now
    Preview {
        /// The case
        #[arg(value_name = "REF")]
        reference: String,
        /// The message
        message: String,
        /// Where to write it
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Say what a held mail is, so that it is handled as that
    Release {
        /// Numbers from `daymark held`
        #[arg(required = true, value_name = "ID")]
        ids: Vec<i64>,
        /// referral, reply:REF or not-for-us
        #[arg(long = "as", default_value = "referral", value_name = "WHAT")]
        treat_as: String,
        /// Who says so
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
    },
    /// Try again to send a message that failed, or that may have gone
    Requeue {
        /// Numbers from `daymark outbox`
        #[arg(required = true, value_name = "ID")]
        ids: Vec<i64>,
    },
    /// Fill a Word template with the fields of a file
    Render {
        /// A .docx, or the name of a template
        template: String,
        /// Fields, as TOML or JSON
        #[arg(long, value_name = "FILE")]
        data: PathBuf,
        /// Where to write it
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Count working days, with the working shown
    #[command(subcommand)]
    Workdays(Workdays),
    /// The bank holidays that working days are counted by
    #[command(subcommand)]
    Holidays(Holidays),
    /// The local procedures: what is due when, and who is told
    #[command(subcommand)]
    Procedure(ProcedureCommand),
    /// Is every mailbox being read, is mail stuck? Exit code 0 all is well, 1 a person is needed, 3 it stands still
    Status {
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Prove that the data file is whole
    Verify,
    /// Copy the data file while it is in use
    Backup {
        /// Where to
        file: PathBuf,
    },
    /// Forget a case: its key, bodies, mails and letters; the log still proves itself
    Destroy {
        /// The case
        #[arg(value_name = "REF")]
        reference: String,
        /// Why, for the log
        #[arg(long, value_name = "TEXT")]
        because: String,
        /// Who
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
    },
    /// Take in mail that lay in a mailbox before Daymark first saw it; shows what it would take, unless --yes
    Import {
        /// Mail that came on this day or later, YYYY-MM-DD
        #[arg(long, value_name = "DATE")]
        since: String,
        /// The mailbox, where there are several
        #[arg(long, value_name = "NAME")]
        mailbox: Option<String>,
        /// Do it
        #[arg(long)]
        yes: bool,
    },
    /// (not yet) Merge chronologies
    MergeChronologies {
        /// Word tables
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// (not yet) The board of agency returns
    Board {
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// (not yet) Put a backup back
    Restore {
        /// The backup
        file: PathBuf,
    },
    /// (not yet) A case as JSON and files
    Export {
        /// The case
        #[arg(value_name = "REF")]
        reference: String,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// `daymark workdays`
#[derive(Debug, Subcommand)]
pub enum Workdays {
    /// The day N working days after DATE
    Add {
        /// YYYY-MM-DD
        date: String,
        /// How many; negative counts back
        #[arg(allow_hyphen_values = true, value_name = "N")]
        days: i32,
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Count the working days after A, up to and including B
    Between {
        /// YYYY-MM-DD
        #[arg(value_name = "A")]
        from: String,
        /// YYYY-MM-DD
        #[arg(value_name = "B")]
        to: String,
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
}

/// `daymark holidays`
#[derive(Debug, Subcommand)]
pub enum Holidays {
    /// The bank holidays that are known
    List {
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Take in a newer gov.uk file; where dates of open cases move, shows them and does nothing, unless --yes
    Merge {
        /// bank-holidays.json
        file: PathBuf,
        /// Do it, although dates move: each person concerned is told once
        #[arg(long)]
        yes: bool,
    },
    /// Add one proclaimed day; where dates of open cases move, shows them and does nothing, unless --yes
    Add {
        /// YYYY-MM-DD
        date: String,
        /// What it is called
        title: String,
        /// Do it, although dates move: each person concerned is told once
        #[arg(long)]
        yes: bool,
    },
    /// Take back a day that was added by mistake; where dates of open cases move, shows them and does nothing, unless --yes
    Remove {
        /// YYYY-MM-DD
        date: String,
        /// Why, for the log of each case whose dates move
        #[arg(long, value_name = "TEXT")]
        because: String,
        /// Who says so
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
        /// Do it, although dates move: each person concerned is told once
        #[arg(long)]
        yes: bool,
    },
}

/// `daymark procedure`
#[derive(Debug, Subcommand)]
pub enum ProcedureCommand {
    /// Print a procedure, or the list of them with the mailboxes that use each
    Show {
        /// Its name [default: all of them, a line each]
        name: Option<String>,
    },
    /// Check every procedure file
    Check,
    /// Let a case follow a newer text; shows what that would change in it, unless --yes
    Adopt {
        /// The case
        #[arg(value_name = "REF")]
        reference: String,
        /// The procedure to follow [default: the newest text of the one it follows]
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
        /// Do it
        #[arg(long)]
        yes: bool,
        /// Who says so
        #[arg(long, value_name = "WHO")]
        by: Option<String>,
        /// Why, for the log; needed with --yes
        #[arg(long, value_name = "TEXT")]
        because: Option<String>,
    },
}
