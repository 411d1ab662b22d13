//! A council of one test: a folder made by `daymark init`, and the program to run in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use daymark::codec::compose::{self, Letter};
use daymark::codec::docx_read::{self, Limits};
use daymark::codec::mime;
use daymark::codec::sample_form;
use daymark::core::form::{Block, Cell};
use daymark::core::ids::FormId;
use daymark::core::referral::{Child, ChildStatus, Referral, Referrer, Request};
use serde_json::Value;

pub const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// Monday morning.
pub const MONDAY: &str = "2026-03-30T09:00:00Z";
pub const CHILD: &str = "Zebedee Quillfeather";

/// What one command said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// It did what was asked.
    #[track_caller]
    pub fn done(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// It refused with this code, with a message on stderr that contains these words, and printed nothing.
    #[track_caller]
    pub fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "“{word}” is not said: {self:?}");
        }
    }

    /// The one JSON document on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("not one JSON document: {error}: {self:?}"))
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let said = Self {
            code: output.status.code().expect("an exit code"),
            out: text(output.stdout),
            err: text(output.stderr),
        };
        assert!(!said.err.contains("panicked"), "{said:?}");
        said
    }
}

/// The program, with nothing of this machine in its surroundings.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daymark"));
    command.env_remove("RUST_LOG").env("USER", "priya");
    command
}

pub fn daymark<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> Said {
    program().current_dir(folder).args(arguments).output().expect("the program starts").into()
}

pub struct World {
    pub folder: tempfile::TempDir,
}

impl World {
    /// `init`, then the mode in which mail goes to folders on this machine, and two schools.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        daymark(folder.path(), &["init", "council"]).done();
        let world = Self { folder };
        world.edit("mode = \"rehearsal\"", "mode = \"demo\"");
        let schools = "name,urn,lead_name,lead_address\nQuayside Primary School,900001,Morwenna Pascoe,dsl@quayside.example\n\
                       Harbour Infants,900002,Denzil Rowe,dsl@harbour-infants.example\n";
        std::fs::write(world.path("council/schools.csv"), schools).expect("written");
        world
    }

    /// The same under Southampton's procedure, which writes to schools.
    pub fn southampton() -> Self {
        let world = Self::new();
        world.edit("procedure = \"tees\"", "procedure = \"southampton\"");
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn edit(&self, from: &str, to: &str) {
        let path = self.path("council/daymark.toml");
        let text = std::fs::read_to_string(&path).expect("the configuration");
        assert!(text.contains(from), "{from} is not in {text}");
        std::fs::write(path, text.replace(from, to)).expect("written");
    }

    /// Runs a command without a set clock.
    pub fn plain(&self, arguments: &[&str]) -> Said {
        let all = [&["--config", "council/daymark.toml"], arguments].concat();
        daymark(self.folder.path(), &all)
    }

    /// Runs a command at a time.
    pub fn at(&self, now: &str, arguments: &[&str]) -> Said {
        self.plain(&[&["--now", now], arguments].concat())
    }

    /// Runs a command on Monday morning.
    pub fn run(&self, arguments: &[&str]) -> Said {
        self.at(MONDAY, arguments)
    }

    /// A mail comes into the watched folder.
    pub fn receives(&self, name: &str, from: &str, attachments: &[(&str, &str, &[u8])]) {
        let mail = mail(name, from, attachments);
        std::fs::write(self.path("council/incoming/tees/new").join(name), mail).expect("delivered");
    }

    /// A case from a filled form, and its reference.
    pub fn with_case(self) -> (Self, String) {
        self.receives("1.form", "imogen.vale@hospital.example", &[("form.docx", WORD, &form(&referral()))]);
        self.run(&["once"]).done();
        let case = self.run(&["cases", "--json"]).json()[0]["ref"].as_str().expect("a case").to_owned();
        (self, case)
    }

    /// The mails in a recipient's folder, oldest first.
    pub fn mails_of(&self, recipient: &str) -> Vec<Vec<u8>> {
        let folder = self.path("council/outgoing").join(recipient).join("new");
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        paths.iter().map(|path| std::fs::read(path).expect("a mail")).collect()
    }
}

/// A mail as a person's mail client writes it.
pub fn mail(name: &str, from: &str, attachments: &[(&str, &str, &[u8])]) -> String {
    let id = format!("{name}@{}", from.rsplit('@').next().expect("a domain"));
    let mail = compose::compose(&Letter {
        from: ("", from),
        to: &[("", "sin@council.example")],
        subject: "Referral",
        text: "Please find the form attached.",
        html: None,
        attachments,
        date: "2026-03-30T08:55:00Z".parse().expect("a time"),
        message_id: &id,
        daymark_id: "none",
        in_reply_to: None,
        references: &[],
        banner: None,
    })
    .expect("a mail");
    let ours = ["X-Daymark-Id:", "Auto-Submitted:", "X-Auto-Response-Suppress:"];
    let text = String::from_utf8(mail).expect("ASCII");
    text.split_inclusive('\n').filter(|line| !ours.iter().any(|mark| line.starts_with(mark))).collect()
}

pub fn form(referral: &Referral) -> Vec<u8> {
    sample_form::tees(referral)
}

/// One child, nothing missing. Invented, every word.
pub fn referral() -> Referral {
    let child = Child {
        name: Some(CHILD.into()),
        address: Some("7 Harbour Row, Exampleton, EX1 2AB".into()),
        date_of_birth: Some("2016-05-11".parse::<chrono::NaiveDate>().expect("a day").into()),
        date_of_incident: "2026-03-26".parse().ok(),
        status: vec![ChildStatus::ChildInNeed],
        parents: Some("Rowan Quillfeather (mother)".into()),
        siblings: Some("None".into()),
        gp: Some("Dr Quill, Harbour Surgery, Exampleton".into()),
        nhs_number: Some("9990000018".into()),
        ..Child::default()
    };
    Referral {
        form: FormId::from("tees"),
        request: Some(Request::SeriousIncident),
        referrer: Referrer {
            name: Some("Imogen Vale".into()),
            agency: Some("Example Hospitals".into()),
            email: Some("imogen.vale@hospital.example".into()),
        },
        submitted: "2026-03-30".parse().ok(),
        la_aware: None,
        authority: None,
        place: None,
        children: vec![child],
        others: Vec::new(),
        professionals: Vec::new(),
        incident: Some("The child was brought to hospital with injuries that nobody could explain.".into()),
        sources: std::collections::BTreeMap::new(),
    }
}

/// The words of a Word file, which must be one.
pub fn plain(word: &[u8]) -> String {
    let doc = docx_read::read(word, &Limits::default()).expect("a Word document");
    let of = |block: &Block| match block {
        Block::Paragraph(paragraph) => vec![paragraph.text()],
        Block::Table(table) => table.rows.iter().flatten().map(Cell::text).collect(),
    };
    doc.body.iter().flat_map(of).collect::<Vec<_>>().join("\n")
}

/// The first attachment of a mail of ours.
pub fn attached(mail: &[u8]) -> Vec<u8> {
    mime::read(mail).attachments.first().expect("an attachment").bytes.clone()
}
