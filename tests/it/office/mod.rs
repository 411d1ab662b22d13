//! A council of its own in a folder, worked through the real binary: what goes in is mail, what comes out is counted
//! in the recipients' folders. All people and places are invented.

pub mod mail;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use daymark::codec::{docx_read, mime};
use daymark::core::ids::MailboxId;
use daymark::store::{Counts, MasterKey, Options, Randomness, Store};

/// Always the same key, so that ids and codes, which are made with it, are the same in every run.
const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";
const CONTACTS: &str = r#"
[[partnership]]
name = "Partnership business unit"
address = "business.unit@partnership.example"

[[agency]]
name = "Exampleton Police"
contact = { name = "Tamsin Oake", address = "safeguarding@police.example" }
always = true
"#;
const SCHOOLS: &str = "name,urn,lead_name,lead_address\n\
    Quayside Primary School,900001,Morwenna Pascoe,dsl@quayside.example\n";

/// The address of the watched mailbox.
pub const ADDRESS: &str = "sin@exampleton.example";

/// One letter in a recipient's folder: recipient, subject, our id, text (but of a digest, which prints the head of
/// the log, and that is different in every run), and what its attachments say.
pub type Letter = (String, String, String, String, String);

/// The folder of a council.
pub struct Office {
    root: tempfile::TempDir,
}

impl Office {
    /// A folder with the key and nothing else.
    pub fn empty() -> Self {
        let office = Self { root: tempfile::tempdir().unwrap() };
        fs::write(office.root.path().join("office.key"), KEY).unwrap();
        private(&office.root.path().join("office.key"));
        office
    }

    /// A council at work: `daymark init`, then its own configuration. `keys` are further lines of it.
    pub fn new(keys: &str) -> Self {
        let office = Self::empty();
        let made = office.init(None);
        assert!(made.status.success(), "{}", words(&made));
        office.configure(keys);
        office
    }

    /// `daymark init`, stopped at a failpoint if one is named.
    pub fn init(&self, stop: Option<&str>) -> Output {
        let mut command = self.command(stop);
        command.args(["--now", "2026-03-27T09:00:00Z", "init"]).arg(self.folder());
        command.output().unwrap()
    }

    /// Fills in the configuration, as a person would after `init`.
    pub fn configure(&self, keys: &str) {
        let text = format!(
            r#"mode = "demo"
data_file = "daymark.db"
key_file = "../office.key"
postman = "sent"
{keys}
[organisation]
name = "Exampleton Council, Children’s Services"
postal_address = "Harbour House, Exampleton EX1 1AA"
emergency_line = "If a child is in danger now, call 999."
return_address = "sin.returns@exampleton.example"
signatory_name = "Priya Wexcombe"
signatory_title = "Quality Assurance Manager"
signatory_telephone = "01632 960002"

[[mailbox]]
id = "exampleton"
address = "{ADDRESS}"
maildir = "incoming/tees"
procedure = "southampton"
authority = "Exampleton Council"
notifier = {{ name = "Sam Trevose", address = "sam.trevose@exampleton.example" }}
digest = [{{ name = "Alex Moorcroft", address = "alex.moorcroft@exampleton.example" }}]
reference_prefix = "REF"
"#
        );
        fs::write(self.folder().join("daymark.toml"), text).unwrap();
        fs::write(self.folder().join("contacts.toml"), CONTACTS).unwrap();
        fs::write(self.folder().join("schools.csv"), SCHOOLS).unwrap();
    }

    pub fn folder(&self) -> PathBuf {
        self.root.path().join("office")
    }

    pub fn inbox(&self) -> PathBuf {
        self.folder().join("incoming/tees")
    }

    fn command(&self, stop: Option<&str>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daymark"));
        command.env("DAYMARK_FAILPOINT_LOG", self.trace()).env_remove("DAYMARK_FAILPOINT").env("USER", "Sam Trevose");
        if let Some(stop) = stop {
            command.env("DAYMARK_FAILPOINT", stop);
        }
        command
    }

    /// A command at that time, stopped at a failpoint if one is named.
    pub fn run(&self, now: &str, stop: Option<&str>, line: &[&str]) -> Output {
        let mut command = self.command(stop);
        command.arg("--config").arg(self.folder().join("daymark.toml")).args(["--now", now]).args(line);
        command.current_dir(self.root.path()).output().unwrap()
    }

    /// A command that must end well; what it printed.
    pub fn well(&self, now: &str, line: &[&str]) -> String {
        let output = self.run(now, None, line);
        assert!(output.status.success(), "{line:?}: {}", words(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn trace(&self) -> PathBuf {
        self.root.path().join("trace")
    }

    /// The failpoints passed since this was last asked, in order.
    pub fn passed(&self) -> Vec<String> {
        let text = fs::read_to_string(self.trace()).unwrap_or_default();
        fs::write(self.trace(), "").unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// Puts a mail into the inbox. Mails are listed in order of `order`, whenever they were put there.
    pub fn put(&self, order: u64, raw: &[u8]) {
        let path = self.inbox().join("new").join(format!("{order:06}.mail"));
        fs::write(&path, raw).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(order);
        fs::File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
    }

    /// Every letter in the recipients' folders, in order.
    pub fn letters(&self) -> Vec<Letter> {
        let mut all = Vec::new();
        for (recipient, raw) in self.sent() {
            let mail = mime::read(&raw);
            let subject = mail.subject.reveal().clone();
            let text = if subject.contains("igest") { String::new() } else { mail.text.reveal().clone() };
            let said: Vec<String> = mail
                .attachments
                .iter()
                .map(|file| match docx_read::read(&file.bytes, &docx_read::Limits::default()) {
                    Ok(doc) => format!("{doc:?}"),
                    Err(_) => format!("{:?}", file.bytes),
                })
                .collect();
            all.push((recipient, subject, mail.daymark_id.unwrap_or_default(), text, said.join("\n")));
        }
        all.sort();
        all
    }

    /// Recipient and raw bytes of every mail that left.
    pub fn sent(&self) -> Vec<(String, Vec<u8>)> {
        let mut all = Vec::new();
        for recipient in entries(&self.folder().join("sent")) {
            let address = recipient.file_name().unwrap().to_string_lossy().into_owned();
            for part in ["new", "cur"] {
                all.extend(
                    entries(&recipient.join(part)).iter().map(|file| (address.clone(), fs::read(file).unwrap())),
                );
            }
        }
        all
    }

    /// The ledger as the digest reconciles it.
    pub fn counts(&self) -> Counts {
        self.store().read().counts(&MailboxId::new("exampleton")).unwrap()
    }

    /// The data file, opened beside the binary.
    pub fn store(&self) -> Store {
        let key = MasterKey::from_file(&self.root.path().join("office.key")).unwrap();
        Store::open(&self.folder().join("daymark.db"), &key, Randomness::seeded(1), Options::default()).unwrap()
    }

    /// How many mails lie in the inbox, and in the trays beside it.
    pub fn lying(&self) -> usize {
        ["new", "cur", ".Processed/new", ".Processed/cur", ".Ours/new", ".Ours/cur"]
            .iter()
            .map(|part| entries(&self.inbox().join(part)).len())
            .sum()
    }

    /// Keeps the whole folder as it is now under a name.
    pub fn keep(&self, name: &str) {
        copy(&self.folder(), &self.root.path().join("kept").join(name));
    }

    /// Puts the folder back to what was kept.
    pub fn restore(&self, name: &str) {
        fs::remove_dir_all(self.folder()).unwrap();
        copy(&self.root.path().join("kept").join(name), &self.folder());
    }
}

/// What a command said, for a failed assertion.
pub fn words(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}{}", output.status, text(&output.stdout), text(&output.stderr))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(found) = fs::read_dir(folder) else { return Vec::new() };
    found.map(|entry| entry.unwrap().path()).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in entries(from) {
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            fs::copy(&entry, &target).unwrap();
            // Mails are listed in order of their times.
            let time = entry.metadata().unwrap().modified().unwrap();
            fs::File::options().append(true).open(&target).unwrap().set_modified(time).unwrap();
        }
    }
}

fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
