//! What the commands print. A reader who has seen enough (`daymark outbox | head`) is neither a failure nor a panic: the
//! work of the command is done all the same. Output that could not be written for another reason is a failure.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

static LOST: AtomicBool = AtomicBool::new(false);

/// One line on stdout.
pub fn line(text: Arguments<'_>) {
    keep_count(&writeln!(std::io::stdout().lock(), "{text}"));
}

/// One line on stderr. If nobody listens there, nobody can be told.
pub fn aside(text: Arguments<'_>) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Whether everything was written that somebody wanted to read: a full disk cuts a document off.
pub fn all_written() -> bool {
    keep_count(&std::io::stdout().lock().flush());
    !LOST.load(Ordering::Relaxed)
}

fn keep_count(written: &std::io::Result<()>) {
    if written.as_ref().is_err_and(|error| error.kind() != ErrorKind::BrokenPipe) {
        LOST.store(true, Ordering::Relaxed);
    }
}
