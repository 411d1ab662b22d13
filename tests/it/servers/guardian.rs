//! Whoever starts servers for tests must see to it that they end, even when the tests are killed.
//!
//! Nothing in the test process can do that: a static is never dropped, and `kill -9` runs no code. So the servers
//! belong to a small shell (`guardian.sh`) that reads from a pipe the test process holds. The system closes the pipe
//! when the process ends, and the shell then ends the servers by their numbers and removes their folder.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// The shell that owns the servers of one set.
pub struct Guardian {
    shell: Child,
    line: Mutex<Option<Line>>,
}

struct Line {
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Guardian {
    /// Watches over `folder`, which it removes at the end.
    pub fn new(folder: &Path) -> Self {
        let mut shell = Command::new("sh")
            .args(["-c", include_str!("guardian.sh"), "guardian"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C at the terminal ends the tests; this shell is still needed then.
            .process_group(0)
            .spawn()
            .expect("a shell");
        let orders = shell.stdin.take().expect("a pipe to the shell");
        let answers = BufReader::new(shell.stdout.take().expect("a pipe from the shell"));
        Self { shell, line: Mutex::new(Some(Line { orders, answers })) }
    }

    /// Starts a program that stays in the foreground. No word of `command` may hold a space.
    pub fn start(&self, name: &str, command: &str) {
        self.order(&format!("start {name} {command}"));
    }

    /// Ends it and its children; they are gone when this returns.
    pub fn stop(&self, name: &str) {
        self.order(&format!("stop {name}"));
    }

    fn order(&self, order: &str) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let line = line.as_mut().expect("a guardian that is on duty");
        writeln!(line.orders, "{order}").expect("the guardian of the servers listens");
        let mut answer = String::new();
        line.answers.read_line(&mut answer).expect("the guardian of the servers answers");
        assert!(order.starts_with(answer.trim_end()) && !answer.is_empty(), "asked {order:?}, answered {answer:?}");
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        drop(self.line.get_mut().unwrap_or_else(PoisonError::into_inner).take());
        // Only so that a set is gone when the next test begins; a failure to wait changes nothing.
        let _ = self.shell.wait();
    }
}
