//! Postfix: takes letters for any address and brings them to Dovecot. Some addresses are refused, put off or reported
//! as undeliverable, so that the answers and reports are real ones.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use super::guardian::Guardian;
use super::tls::{self, Certificates};
use super::{Dovecot, free_ports, wait_for_greeting};

/// Folders of the queue, each with its mode, and whether its group is the one that may hand in mail locally.
const QUEUE: &[(&str, u32, bool)] = &[
    ("active", 0o700, false),
    ("bounce", 0o700, false),
    ("corrupt", 0o700, false),
    ("defer", 0o700, false),
    ("deferred", 0o700, false),
    ("flush", 0o700, false),
    ("hold", 0o700, false),
    ("incoming", 0o700, false),
    ("maildrop", 0o730, true),
    ("private", 0o700, false),
    ("public", 0o710, true),
    ("saved", 0o700, false),
    ("trace", 0o700, false),
];

/// Answers at RCPT.
const AT_RCPT: &str = "\
/^refused-/ 550 5.1.1 No such mailbox here
/^later-/ 450 4.2.0 Greylisted, try again later
";

/// What Outlook's submission server does to every letter (O02).
const OUTLOOK: &str = "/^Message-ID:[[:space:]]*<([^@>]*)@/ REPLACE Message-ID: <$1@eurprd01.outlook.example>\n";

/// What the next server on the way says to every recipient.
const NEXT_SERVER: &str = "/./ 550 5.1.1 No such mailbox at this school\n";

/// The SMTP server of a set.
///
/// What it does with a letter is said by the recipient's address: `refused-…` gets 550 at RCPT, `later-…` 450;
/// `bounces-…` is taken, refused by the next server on its way, and reported to the sender as undeliverable; `delayed-…` is
/// taken and stays in the queue, for the next server does not answer; `slow-…` is taken and stays there until
/// [`super::Servers::late_road`] is opened.
pub struct Postfix {
    folder: PathBuf,
    port: u16,
    warning: u16,
    rewriting: u16,
    next: u16,
    late: u16,
    submission: u16,
    submissions: u16,
}

impl Postfix {
    /// Writes its configuration into `folder` and starts it.
    pub(super) fn start_new(
        folder: PathBuf,
        dovecot: &Dovecot,
        certificates: &Certificates,
        guardian: &Guardian,
    ) -> Self {
        let [port, warning, rewriting, next, late, submission, submissions] = free_ports();
        let postfix = Self { folder, port, warning, rewriting, next, late, submission, submissions };
        let conf = postfix.configuration_folder();
        fs::create_dir_all(&conf).expect("a folder for Postfix's configuration");
        // Nobody listens on port 1, so what is to go there waits.
        let roads = format!(
            "/^bounces-/ smtp:[127.0.0.1]:{next}\n/^delayed-/ smtp:[127.0.0.1]:1\n/^slow-/ lmtp:inet:127.0.0.1:{late}\n"
        );
        for (name, text) in [
            ("main.cf", postfix.main(dovecot).as_str()),
            ("master.cf", &postfix.services(certificates)),
            ("roads", &roads),
            ("at-rcpt", AT_RCPT),
            ("next-server", NEXT_SERVER),
            ("outlook", OUTLOOK),
        ] {
            write_long_ago(&conf.join(name), text);
        }
        postfix.make_queue();
        postfix.start(guardian);
        postfix
    }

    /// Takes letters without a password or TLS.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The same, and a letter still queued after a second is told of to its sender ("delayed").
    pub fn warning_port(&self) -> u16 {
        self.warning
    }

    /// The same, and every letter gets another Message-ID on its way.
    pub fn rewriting_port(&self) -> u16 {
        self.rewriting
    }

    /// Where letters to `slow-…` addresses are brought to.
    pub(super) fn late_port(&self) -> u16 {
        self.late
    }

    /// Takes letters after STARTTLS and a password or token.
    pub fn submission_port(&self) -> u16 {
        self.submission
    }

    /// The same inside TLS.
    pub fn submissions_port(&self) -> u16 {
        self.submissions
    }

    /// Letters it has taken and not yet brought anywhere.
    pub fn queued(&self) -> usize {
        let count = |name: &str| files_below(&self.folder.join("queue").join(name));
        ["maildrop", "incoming", "active", "deferred"].into_iter().map(count).sum()
    }

    pub(super) fn start(&self, guardian: &Guardian) {
        let conf = self.configuration_folder();
        guardian.start("postfix", &format!("/usr/lib/postfix/sbin/master -d -c {}", conf.display()));
        wait_for_greeting(self.port, "220", || fs::read_to_string(self.folder.join("log")).unwrap_or_default());
    }

    pub(super) fn stop(&self, guardian: &Guardian) {
        guardian.stop("postfix");
    }

    fn configuration_folder(&self) -> PathBuf {
        self.folder.join("conf")
    }

    /// The folders `postfix start` would make; it would take two seconds for it.
    fn make_queue(&self) {
        let queue = self.folder.join("queue");
        fs::create_dir_all(queue.join("pid")).expect("a queue");
        fs::create_dir_all(self.folder.join("data")).expect("a folder for Postfix's data");
        chown("postfix", &self.folder.join("data"));
        for (name, mode, handed_in) in QUEUE {
            let path = queue.join(name);
            fs::create_dir(&path).expect("a folder of the queue");
            chown(if *handed_in { "postfix:postdrop" } else { "postfix" }, &path);
            fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).expect("its mode");
        }
    }

    fn main(&self, dovecot: &Dovecot) -> String {
        let folder = self.folder.display();
        let (lmtp, auth) = (dovecot.lmtp_port(), dovecot.auth_port());
        format!(
            "\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mail.council.example
inet_interfaces = all
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
disable_dns_lookups = yes
smtpd_peername_lookup = no
# Every domain is delivered here, and nothing ever leaves this machine.
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = static:all
virtual_mailbox_maps =
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:nothing leaves this machine
relayhost =
transport_maps = regexp:{folder}/conf/roads
smtpd_recipient_restrictions = check_recipient_access regexp:{folder}/conf/at-rcpt, permit
smtpd_relay_restrictions = permit_mynetworks, reject
local_header_rewrite_clients =
message_size_limit = 36700160
virtual_mailbox_limit = 0
in_flow_delay = 0
# The proxy follows one command at a time.
smtpd_discard_ehlo_keywords = chunking, pipelining
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
# A server that was away is asked again soon; but not within a second, or Postfix may meet its own delivery and then forget
# the letter for an hour.
queue_run_delay = 1s
minimal_backoff_time = 2s
maximal_backoff_time = 3s
transport_retry_time = 1s
lmtp_connection_cache_on_demand = no
lmtp_tls_security_level = none
smtp_tls_security_level = none
smtp_host_lookup = native
smtpd_tls_security_level = none
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_sasl_security_options = noanonymous
"
        )
    }

    fn services(&self, certificates: &Certificates) -> String {
        let Self { folder, port, warning, rewriting, next, late: _, submission, submissions } = self;
        let folder = folder.display();
        let mut services = format!(
            "\
127.0.0.1:{port} inet n - n - 200 smtpd
127.0.0.1:{warning} inet n - n - 200 smtpd
  -o cleanup_service_name=warning
127.0.0.1:{rewriting} inet n - n - 200 smtpd
  -o cleanup_service_name=rewriting
127.0.0.1:{next} inet n - n - 200 smtpd
  -o myhostname=mail.school.example
  -o smtpd_recipient_restrictions=check_recipient_access,regexp:{folder}/conf/next-server
"
        );
        writeln!(services, "rewriting unix n - n - 0 cleanup\n  -o header_checks=regexp:{folder}/conf/outlook")
            .expect("text");
        for host in tls::HOSTS {
            let (certificate, key) = (certificates.certificate(host), certificates.key(host));
            for (port, how) in
                [(submission, "smtpd_tls_security_level=encrypt"), (submissions, "smtpd_tls_wrappermode=yes")]
            {
                let (certificate, key) = (certificate.display(), key.display());
                writeln!(
                    services,
                    "\
{host}:{port} inet n - n - 200 smtpd
  -o {how}
  -o smtpd_tls_cert_file={certificate}
  -o smtpd_tls_key_file={key}
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject"
                )
                .expect("text");
            }
        }
        services
            + "\
cleanup unix n - n - 0 cleanup
warning unix n - n - 0 cleanup
  -o delay_warning_time=1s
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"
    }
}

/// Postfix waits two seconds before it trusts a file that was just written.
fn write_long_ago(path: &Path, text: &str) {
    let written = fs::write(path, text).and_then(|()| fs::File::options().write(true).open(path));
    let dated = written.and_then(|file| file.set_modified(SystemTime::UNIX_EPOCH));
    dated.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn chown(owner: &str, path: &Path) {
    let done = Command::new("chown").arg(owner).arg(path).status().expect("chown");
    assert!(done.success(), "{} could not be given to {owner}", path.display());
}

/// Postfix spreads some folders of its queue over sub-folders of one letter each.
fn files_below(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| if entry.path().is_dir() { files_below(&entry.path()) } else { 1 }).sum()
}
