//! Dovecot: IMAP without TLS, with STARTTLS and inside TLS; LMTP; passwords and tokens.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::guardian::Guardian;
use super::tls::{self, Certificates};
use super::tokens::Tokens;
use super::{PASSWORD, free_ports, wait_for_greeting};

/// The IMAP server of a set.
pub struct Dovecot {
    folder: PathBuf,
    imap: u16,
    imaps: u16,
    lmtp: u16,
    auth: u16,
}

impl Dovecot {
    /// Writes its configuration into `folder` and starts it.
    pub(super) fn start_new(
        folder: PathBuf,
        certificates: &Certificates,
        tokens: &Tokens,
        guardian: &Guardian,
    ) -> Self {
        let [imap, imaps, lmtp, auth] = free_ports();
        let dovecot = Self { folder, imap, imaps, lmtp, auth };
        let version = Command::new("dovecot").arg("--version").output().expect("dovecot says its version");
        let version = String::from_utf8_lossy(&version.stdout).into_owned();
        assert!(version.starts_with("2.3."), "the tests configure Dovecot 2.3 (Debian 12), and this is {version}");
        let mail = dovecot.folder.join("mail");
        fs::create_dir_all(&mail).expect("a folder for mailboxes");
        let owner = Command::new("chown").arg("mail:mail").arg(&mail).status().expect("chown");
        assert!(owner.success(), "there is no user `mail`, whom mailboxes belong to");
        fs::write(dovecot.configuration_file(), dovecot.configuration(certificates)).expect("dovecot.conf");
        fs::write(dovecot.folder.join("tokens.conf"), introspection(tokens)).expect("tokens.conf");
        dovecot.start(guardian);
        dovecot
    }

    /// IMAP in the clear, with STARTTLS offered.
    pub fn imap_port(&self) -> u16 {
        self.imap
    }

    /// IMAP inside TLS.
    pub fn imaps_port(&self) -> u16 {
        self.imaps
    }

    /// Takes mail for any mailbox.
    pub fn lmtp_port(&self) -> u16 {
        self.lmtp
    }

    /// Where Postfix asks whether a password is right.
    pub(super) fn auth_port(&self) -> u16 {
        self.auth
    }

    /// Gives a folder another UIDVALIDITY; its mails stay, numbered anew from 1. Nobody may have it open.
    ///
    /// This is what a mailbox looks like that was restored from a backup: the lists Dovecot keeps beside the mails are
    /// gone, and it makes new ones.
    pub fn renumber(&self, address: &str, folder: &str) {
        let (name, domain) = address.split_once('@').expect("an address");
        let mut place = self.folder.join("mail").join(domain).join(name).join("Maildir");
        if folder != "INBOX" {
            place.push(format!(".{}", folder.replace('/', ".")));
        }
        let mut removed = 0;
        for entry in fs::read_dir(&place).expect("a folder on disk") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name == "dovecot-uidlist" || name.starts_with("dovecot.index") {
                fs::remove_file(&path).expect("a list removed");
                removed += 1;
            }
        }
        assert!(removed > 0, "{} held no lists: was it ever opened?", place.display());
    }

    pub(super) fn start(&self, guardian: &Guardian) {
        // What a server that was killed left here costs the next one five seconds.
        let _ = fs::remove_dir_all(self.folder.join("run"));
        guardian.start("dovecot", &format!("/usr/sbin/dovecot -F -c {}", self.configuration_file().display()));
        let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        wait_for_greeting(self.imap, "* OK", log);
        wait_for_greeting(self.lmtp, "220", log);
    }

    pub(super) fn stop(&self, guardian: &Guardian) {
        guardian.stop("dovecot");
    }

    fn configuration_file(&self) -> PathBuf {
        self.folder.join("dovecot.conf")
    }

    fn configuration(&self, certificates: &Certificates) -> String {
        let Self { folder, imap, imaps, lmtp, auth } = self;
        let folder = folder.display();
        let listen = tls::HOSTS.join(" ");
        let shown = |host: &str| {
            let (certificate, key) = (certificates.certificate(host), certificates.key(host));
            format!("ssl_cert = <{}\nssl_key = <{}\n", certificate.display(), key.display())
        };
        let trusted = shown(tls::TRUSTED);
        let others = [tls::STRANGER, tls::WRONG_NAME, tls::EXPIRED];
        let others: String = others.iter().map(|host| format!("local {host} {{\n{}}}\n", shown(host))).collect();
        format!(
            "\
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = daymark-tests
log_path = {folder}/log
protocols = imap lmtp
listen = {listen}
ssl = yes
{trusted}{others}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
# A power cut is not among the tests' faults; only processes die.
mail_fsync = never
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
mail_home = {folder}/mail/%d/%n
mail_location = maildir:~/Maildir
mail_plugins = acl
recipient_delimiter = +
protocol imap {{
  mail_plugins = acl imap_acl
  mail_max_userip_connections = 200
}}
protocol lmtp {{
  mail_plugins =
  postmaster_address = postmaster@council.example
}}
plugin {{
  acl = vfile
  acl_shared_dict = file:{folder}/mail/shared
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
namespace shared {{
  type = shared
  separator = /
  prefix = shared/%%u/
  location = maildir:%%h/Maildir:INDEXPVT=~/shared/%%u
  subscriptions = no
  list = children
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/tokens.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/mail/%d/%n allow_all_users=yes
}}
service auth {{
  unix_listener auth-userdb {{
    mode = 0666
  }}
  inet_listener {{
    address = 127.0.0.1
    port = {auth}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
service imap-login {{
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 256
}}
service lmtp {{
  user = mail
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"
        )
    }
}

/// How Dovecot asks whether a token counts. What must agree between the token and the mailbox is the domain.
fn introspection(tokens: &Tokens) -> String {
    let url = tokens.introspection_url();
    format!(
        "\
introspection_url = {url}
introspection_mode = post
force_introspection = yes
username_attribute = mailbox
username_format = %d
active_attribute = active
active_value = true
timeout_msecs = 3000
"
    )
}
