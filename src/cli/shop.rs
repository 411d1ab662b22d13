//! What every command needs: the configuration, the office, the data file, the clock; and how a command ends.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde_json::{Value, json};

use super::args::Arguments;
use crate::adapters::clock::{self, SystemClock};
use crate::adapters::config;
use crate::adapters::schedule::{self, Schedule};
use crate::adapters::{contacts, forms, holidays, procedures, shipped, templates};
use crate::codec::docx_fill::Compiled;
use crate::codec::text::Texts;
use crate::core::calendar::Calendar;
use crate::core::ids::{CaseRef, ProcedureId};
use crate::core::now::Now;
use crate::core::procedure::Procedure;
use crate::core::settings::{Mode, Settings};
use crate::pipeline::Office;
use crate::pipeline::memory::Memory;
use crate::pipeline::office::WordTemplate;
use crate::ports::Clock;
use crate::store::{MasterKey, Options, Randomness, Store, StoreError};

/// Working days before a due date on which people are reminded, where the configuration does not say.
const DEFAULT_REMINDERS: [u32; 3] = [3, 1, 0];

/// Why a command did not end well (DESIGN section 7): the exit code, and words for the person.
#[derive(Debug)]
pub struct Fault {
    /// 1 a person is needed, 2 usage or configuration, 3 a server or the data file.
    pub code: u8,
    /// What happened, where, and what to do next.
    pub words: String,
}

impl Fault {
    /// Something needs a person.
    pub fn person(words: impl Into<String>) -> Self {
        Self { code: 1, words: words.into() }
    }

    /// Wrong usage or configuration.
    pub fn usage(words: impl Into<String>) -> Self {
        Self { code: 2, words: words.into() }
    }

    /// A server or the data file failed.
    pub fn server(words: impl Into<String>) -> Self {
        Self { code: 3, words: words.into() }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            error if error.is_configuration() => 2,
            StoreError::NoSuchCase(_) | StoreError::NoSuchMail(_) | StoreError::NoSuchMessage(_) => 2,
            _ => 3,
        };
        Self { code, words: error.to_string() }
    }
}

impl From<config_error::ConfigError> for Fault {
    fn from(error: config_error::ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

use crate::adapters::toml_error as config_error;

/// One JSON document on stdout, and nothing else.
pub fn print_json(document: &Value) {
    println!("{document:#}");
}

/// Reads a text file a person named.
pub fn read_text(path: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(path).map_err(|error| Fault::usage(format!("{} cannot be read: {error}", path.display())))
}

/// Reads a file a person named.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(path).map_err(|error| Fault::usage(format!("{} cannot be read: {error}", path.display())))
}

/// A case's reference as people type it: the letters of references are capitals.
pub fn case_ref(typed: &str) -> CaseRef {
    CaseRef::new(typed.trim().to_ascii_uppercase())
}

/// Where a command finds its things.
pub struct Shop {
    config: Option<PathBuf>,
    now: Option<Now>,
}

impl Shop {
    /// Reads `--config` and `--now`.
    pub fn new(arguments: &Arguments) -> Result<Self, Fault> {
        let now = arguments.now.as_deref().map(clock::parse_now).transpose().map_err(Fault::usage)?;
        Ok(Self { config: arguments.config.clone(), now })
    }

    /// A shop over one configuration file, with its clock set: for the demonstration.
    pub fn at(config: PathBuf, now: Now) -> Self {
        Self { config: Some(config), now: Some(now) }
    }

    /// The time: `--now`, else the system's.
    pub fn now(&self) -> Now {
        self.now.unwrap_or_else(|| SystemClock.now())
    }

    /// Whether there is a configuration to work with.
    pub fn has_configuration(&self) -> bool {
        self.config_path().is_some()
    }

    /// Whether `--now` was given.
    pub fn has_set_clock(&self) -> bool {
        self.now.is_some()
    }

    fn config_path(&self) -> Option<PathBuf> {
        let usual = ["daymark.toml", "config/daymark.toml"].map(PathBuf::from);
        self.config.clone().or_else(|| usual.into_iter().find(|path| path.is_file()))
    }

    /// The configuration folder, if there is a configuration.
    fn folder(&self) -> PathBuf {
        let path = self.config_path().unwrap_or_default();
        match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ if path.as_os_str().is_empty() => PathBuf::from("/nonexistent"),
            _ => PathBuf::from("."),
        }
    }

    /// The resolved configuration.
    pub fn settings(&self) -> Result<Settings, Fault> {
        let path = self.config_path().ok_or_else(|| {
            Fault::usage(
                "no configuration: there is no daymark.toml here. Run `daymark init DIR` to make one, or name it with --config FILE",
            )
        })?;
        let names = shipped::names(&self.folder(), "procedures", ".toml");
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let schedule = |text: &str| Schedule::parse(text).map(drop);
        Ok(config::load(&path, &config::Known { schedule: &schedule, procedures: &names })?)
    }

    /// Bank holidays: the shipped list, with the configuration folder's own over it.
    pub fn calendar(&self) -> Result<Calendar, Fault> {
        let shipped = shipped_text(holidays::PATH);
        let path = self.folder().join(holidays::PATH);
        let own = path.is_file().then(|| read_text(&path)).transpose()?;
        let name = path.display().to_string();
        let calendar = holidays::load(shipped, own.as_deref().map(|text| (name.as_str(), text)))?;
        Ok(calendar.with_clocks(schedule::hours_later))
    }

    /// The text of the list in use, for merging.
    pub fn holidays_in_use(&self) -> Result<String, Fault> {
        let path = self.folder().join(holidays::PATH);
        if path.is_file() { read_text(&path) } else { Ok(shipped_text(holidays::PATH).to_owned()) }
    }

    /// The calendar, were this the configuration folder's own list.
    pub fn calendar_of(&self, own: &str) -> Result<Calendar, Fault> {
        let name = self.folder().join(holidays::PATH).display().to_string();
        Ok(holidays::load(shipped_text(holidays::PATH), Some((name.as_str(), own)))?)
    }

    /// Writes a new list beside the one in use.
    pub fn stage_holidays(&self, text: &str) -> Result<Staged, Fault> {
        if self.config_path().is_none() {
            return Err(Fault::usage(
                "there is no daymark.toml here to keep the list beside: name it with --config FILE",
            ));
        }
        let path = self.folder().join(holidays::PATH);
        let failed = |error: std::io::Error| Fault::server(format!("{} cannot be written: {error}", path.display()));
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let part = path.with_extension("part");
        std::fs::write(&part, text).map_err(failed)?;
        Ok(Staged { part, path })
    }

    /// Form definitions, for commands that need no configuration.
    pub fn forms(&self) -> Result<Vec<crate::core::form_definition::FormDefinition>, Fault> {
        let folder = self.folder();
        shipped::names(&folder, "forms", ".toml")
            .iter()
            .map(|name| {
                let text = text(&folder, &format!("forms/{name}.toml"))?;
                forms::parse(name, &text).map_err(|error| Fault::usage(error.to_string()))
            })
            .collect()
    }

    /// A procedure's text with everything it extends, as a new case is pinned to it.
    pub fn bundle(&self, name: &str, reminders: &[u32]) -> Result<String, Fault> {
        let folder = self.folder();
        let mut texts = BTreeMap::new();
        for file in shipped::names(&folder, "procedures", ".toml") {
            texts.insert(file.clone(), text(&folder, &format!("procedures/{file}.toml"))?);
        }
        Ok(bundle(name, &texts, reminders))
    }

    /// The names of the procedures there are.
    pub fn procedure_names(&self) -> Vec<String> {
        shipped::names(&self.folder(), "procedures", ".toml")
    }

    /// Every procedure there is, read and checked.
    pub fn procedures(&self) -> Result<Vec<Procedure>, Fault> {
        shipped::names(&self.folder(), "procedures", ".toml")
            .iter()
            .map(|name| read_procedure(&self.bundle(name, &DEFAULT_REMINDERS)?).map_err(Fault::usage))
            .collect()
    }

    /// Everything the path needs to know.
    pub fn office(&self) -> Result<Office, Fault> {
        self.office_of(self.settings()?)
    }

    fn office_of(&self, settings: Settings) -> Result<Office, Fault> {
        let (texts, letters) = self.templates()?;
        let mut bundles = BTreeMap::new();
        for mailbox in &settings.mailboxes {
            let text = self.bundle(mailbox.procedure.as_str(), &settings.reminders)?;
            read_procedure(&text).map_err(Fault::usage)?;
            bundles.insert(ProcedureId::new(mailbox.procedure.as_str()), text);
        }
        Ok(Office {
            calendar: self.calendar()?,
            contacts: contacts::load(&settings.folder)?,
            forms: self.forms()?,
            texts,
            letters,
            procedures: bundles,
            read_procedure,
            london: clock::at,
            read_before: Mutex::default(),
            memory: Memory::default(),
            settings,
        })
    }

    /// An office for `try`, which works without a configuration: then with that of the demonstration.
    pub fn office_or_sample(&self, sample: impl FnOnce() -> Result<Office, Fault>) -> Result<Office, Fault> {
        if self.config_path().is_some() { self.office() } else { sample() }
    }

    /// Every template, each rendered once with its sample: a text that cannot be said stops the program at start.
    pub fn templates(&self) -> Result<(Texts, BTreeMap<String, WordTemplate>), Fault> {
        let folder = self.folder();
        let read = |path: &str| shipped::read(&folder, path);
        let files = templates::load(&read, shipped::MESSAGES).map_err(Fault::usage)?;
        let texts: Vec<(String, String)> = files.iter().flat_map(|files| files.texts.clone()).collect();
        let texts = Texts::new(&texts).map_err(|error| Fault::usage(format!("templates/{error}")))?;
        let mut letters = BTreeMap::new();
        for files in files {
            let sample: toml::Table =
                config_error::read(&format!("templates/{}/sample.toml", files.id), &files.sample)?;
            let sample = json!(sample);
            texts.check(&files.id, &sample).map_err(|error| Fault::usage(format!("templates/{error}")))?;
            if let Some(bytes) = files.letter {
                let wrong = |error: crate::codec::docx_fill::FillError| {
                    Fault::usage(format!("templates/{}/letter.docx: {error}", files.id))
                };
                let filler = Compiled::new(&bytes).map_err(wrong)?;
                filler.fill(&sample).map_err(wrong)?;
                letters.insert(files.id, WordTemplate { bytes, filler });
            }
        }
        Ok((texts, letters))
    }

    /// Opens the data file of these settings.
    pub fn store(&self, settings: &Settings) -> Result<Store, Fault> {
        config::check_key_file(settings)?;
        let key = MasterKey::from_file(&settings.key_file)?;
        let (path, random) = (&settings.data_file, Randomness::os());
        self.refuse_set_clock(settings)?;
        // Never made here: behind a mistyped path every case would seem to be gone, and nobody would be reminded.
        let store = Store::open(path, &key, random, Options::default())?;
        // A copy of the configuration with another mode still names the file that the live daemon writes.
        if self.now.is_some() && store.read().cases()?.iter().any(|row| row.mode == Mode::Live) {
            return Err(Fault::usage(format!(
                "--now is refused: {} holds live cases. Leave it out, or try another day with another data_file",
                path.display()
            )));
        }
        Ok(store)
    }

    /// Refuses `--now` where real people get mail.
    fn refuse_set_clock(&self, settings: &Settings) -> Result<(), Fault> {
        if self.now.is_some() && settings.mode == Mode::Live {
            return Err(Fault::usage(
                "--now is refused: this configuration is live. To try another day, use a configuration with another data_file, in rehearsal",
            ));
        }
        Ok(())
    }
}

/// A file that is written, and not in use yet.
#[derive(Debug)]
pub struct Staged {
    part: PathBuf,
    path: PathBuf,
}

impl Staged {
    /// Puts it in the place of the one in use, in one step.
    pub fn put_into_use(self) -> Result<(), Fault> {
        std::fs::rename(&self.part, &self.path)
            .map_err(|error| Fault::server(format!("{} cannot be written: {error}", self.path.display())))
    }
}

impl Clock for Shop {
    fn now(&self) -> Now {
        Self::now(self)
    }
}

/// The text of a file that comes with Daymark.
pub fn shipped_text(path: &str) -> &'static str {
    shipped::shipped(path).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}

fn text(folder: &Path, path: &str) -> Result<String, Fault> {
    let bytes = shipped::read(folder, path).unwrap_or_default();
    String::from_utf8(bytes).map_err(|_| Fault::usage(format!("{path} is not text in UTF-8: save it again as UTF-8")))
}

/// One document of a procedure and everything it extends, so that an open case never changes under people's feet.
fn bundle(name: &str, all: &BTreeMap<String, String>, reminders: &[u32]) -> String {
    let mut texts = serde_json::Map::new();
    let mut next = Some(name.to_owned());
    while let Some(name) = next.take() {
        let text = all.get(&name).cloned().unwrap_or_default();
        next = text
            .parse::<toml::Table>()
            .ok()
            .and_then(|table| table.get("extends")?.as_str().map(str::to_owned))
            .filter(|parent| !texts.contains_key(parent));
        texts.insert(name, text.into());
    }
    json!({ "name": name, "texts": texts, "reminders": reminders }).to_string()
}

/// Reads such a document. A case of last year is read from its own.
pub fn read_procedure(bundle: &str) -> Result<Procedure, String> {
    let document: Value =
        serde_json::from_str(bundle).map_err(|_| "a procedure that was kept is not readable".to_owned())?;
    let name = document["name"].as_str().unwrap_or_default();
    let texts = &document["texts"];
    let own = texts[name].as_str().unwrap_or_default();
    let lookup = |wanted: &str| texts[wanted].as_str().map(str::to_owned);
    let reminders: Vec<u32> = days_of(&document["reminders"]).unwrap_or_else(|| DEFAULT_REMINDERS.to_vec());
    let known = procedures::Known { procedure: &lookup, templates: shipped::MESSAGES, reminders: &reminders };
    procedures::parse(name, own, &known).map_err(|error| error.to_string())
}

fn days_of(reminders: &Value) -> Option<Vec<u32>> {
    reminders.as_array()?.iter().map(|days| days.as_u64().and_then(|days| u32::try_from(days).ok())).collect()
}
