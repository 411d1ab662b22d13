//! `daymark.toml` → [`Settings`]: checked as a whole before anything starts.

use std::path::{Component, Path, PathBuf};

use chrono::NaiveTime;
use toml::Spanned;

use super::toml_error::{self, ConfigError, read, suggest};
use crate::core::contacts::{Contact, checked_address};
use crate::core::ids::{MailboxId, ProcedureId};
use crate::core::settings::{Hours, Mailbox, Mode, Organisation, Settings, WayOut};

mod file;
mod servers;

use file::{ConfigFile, ContactTable, HoursTable, MailboxTable, OrganisationTable};

/// The daemon looks at mailbox, clocks and outbox every five minutes unless the file says otherwise.
const DEFAULT_SCHEDULE: &str = "0 */5 * * * *";
const DEFAULT_DATA_FILE: &str = "daymark.db";
const DEFAULT_REMINDERS: [u32; 3] = [3, 1, 0];
const DEFAULT_SETTLE_MINUTES: u32 = 30;
const DEFAULT_ALARM_MINUTES: u32 = 30;
const DEFAULT_LARGEST_MAIL_MB: u32 = 40;
const MIB: u64 = 1024 * 1024;

/// What the configuration may refer to that other parts know about.
pub struct Known<'a> {
    /// Whether a schedule can be used, and if not, why (`adapters::schedule`).
    pub schedule: &'a dyn Fn(&str) -> Result<(), String>,
    /// The procedures there are, shipped or in the configuration folder.
    pub procedures: &'a [&'a str],
}

/// Reads and checks the configuration file at `path`.
///
/// # Errors
/// [`ConfigError`] when the file cannot be read, or at the first thing in it that is wrong.
pub fn load(path: &Path, known: &Known<'_>) -> Result<Settings, ConfigError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let advice = "Run `daymark init DIR` to make one, or name it with --config.";
        ConfigError::whole(&file, format!("the configuration cannot be read: {error}"), advice)
    })?;
    // The data file knows a mailbox by its path (pipeline::receive, first contact): the same folder has one name,
    // wherever the command is typed. Only the folder is followed: the file itself may be a link into another one.
    let folder = real(path.parent().unwrap_or(Path::new("")));
    parse(&file, &text, &folder, known)
}

/// Checks the `text` of a configuration file that lies in `folder`; relative paths in it start there.
///
/// # Errors
/// [`ConfigError`] at the first thing that is wrong.
pub fn parse(file: &str, text: &str, folder: &Path, known: &Known<'_>) -> Result<Settings, ConfigError> {
    let table: ConfigFile = read(file, text)?;
    let place = Place { file, text, folder };
    let mode = table.mode.value();
    let rehearsal_to = table.rehearsal_to.as_ref().map(|text| place.address(text)).transpose()?;
    if mode == Mode::Rehearsal && rehearsal_to.is_none() {
        let advice = "Add “rehearsal_to = \"you@your-council.example\"”: in rehearsal, all mail goes to that address.";
        return Err(ConfigError::whole(file, "mode is rehearsal, but “rehearsal_to” is missing", advice));
    }
    let way_out = place.way_out(&table, mode)?;
    let oauth = table.oauth.as_ref().map(|table| place.oauth(table)).transpose()?;
    let mut mailboxes: Vec<Mailbox> = Vec::new();
    for one in &table.mailboxes {
        mailboxes.push(place.mailbox(one, &mailboxes, &way_out, known)?);
    }
    place.tokens_come_from_somewhere(&way_out, &mailboxes, oauth.as_ref())?;
    if mailboxes.is_empty() {
        let advice = "Add a [[mailbox]] table; the example file shows one.";
        return Err(ConfigError::whole(file, "there is no mailbox to watch", advice));
    }
    Ok(Settings {
        mode,
        rehearsal_to,
        data_file: match &table.data_file {
            Some(text) => place.path(&place.line(text, "data_file")?),
            None => place.path(DEFAULT_DATA_FILE),
        },
        key_file: place.path(&place.line(&table.key_file, "key_file")?),
        folder: folder.to_path_buf(),
        way_out,
        oauth,
        hours: place.hours(&table.hours)?,
        reminders: place.reminders(table.reminders.as_ref())?,
        settle_minutes: place.number(table.settle_minutes.as_ref(), DEFAULT_SETTLE_MINUTES, 1440)?,
        alarm_minutes: place.number(table.alarm_minutes.as_ref(), DEFAULT_ALARM_MINUTES, 1440)?,
        largest_mail: u64::from(place.number(table.largest_mail_mb.as_ref(), DEFAULT_LARGEST_MAIL_MB, 1024)?) * MIB,
        schedule: place.schedule(table.schedule.as_ref(), known)?,
        organisation: place.organisation(&table.organisation)?,
        mailboxes,
    })
}

/// Checks that the master key lies apart from the data, and that only its owner can read it (DESIGN invariant 10).
///
/// # Errors
/// [`ConfigError`] when it is missing, lies in or under the data file's folder, or others may read it.
pub fn check_key_file(settings: &Settings) -> Result<(), ConfigError> {
    let file = settings.key_file.display().to_string();
    let metadata = std::fs::metadata(&settings.key_file).map_err(|error| {
        let advice = "Restore it from where it is kept safe; without it the data file cannot be read. A new \
                      installation gets its key from `daymark init`.";
        ConfigError::whole(&file, format!("the key file cannot be read: {error}"), advice)
    })?;
    if !metadata.is_file() {
        let advice = "Point “key_file” at the key that `daymark init` made.";
        return Err(ConfigError::whole(&file, "the key file is not a file", advice));
    }
    let data_folder = real(settings.data_file.parent().unwrap_or(Path::new("")));
    if real(&settings.key_file).starts_with(data_folder) {
        let advice = "Move it elsewhere and correct “key_file”: whoever copies the data must not get the key with it.";
        return Err(ConfigError::whole(&file, "the key file lies in the folder of the data file", advice));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if metadata.permissions().mode() & 0o077 != 0 {
            let what = "the key file can be read by others on this machine";
            return Err(ConfigError::whole(&file, what, format!("Run `chmod 600 {file}`.")));
        }
    }
    Ok(())
}

/// The path with links followed where it exists; else as written, made absolute.
fn real(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_path_buf())
}

/// The file that is being read: turns its words into values, and says where one is wrong.
struct Place<'a> {
    file: &'a str,
    text: &'a str,
    folder: &'a Path,
}

impl Place<'_> {
    fn at<T>(&self, spot: &Spanned<T>, what: impl std::fmt::Display, advice: impl std::fmt::Display) -> ConfigError {
        ConfigError::at(self.file, self.text, spot.span(), what, advice)
    }

    /// A path, from the file's folder on, with `.` and `..` worked out so that two spellings compare equal.
    fn path(&self, text: &str) -> PathBuf {
        let mut path = PathBuf::new();
        for part in self.folder.join(text.trim()).components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir if matches!(path.components().next_back(), Some(Component::Normal(_))) => {
                    path.pop();
                }
                other => path.push(other),
            }
        }
        path
    }

    /// A text that is not empty and has no line break: it ends up in headers and letters.
    fn line(&self, text: &Spanned<String>, key: &str) -> Result<String, ConfigError> {
        let line = text.get_ref().trim();
        if line.is_empty() || line.chars().any(char::is_control) {
            return Err(self.at(text, format!("“{key}” needs a text on one line"), "Write it out."));
        }
        Ok(line.to_owned())
    }

    fn address(&self, text: &Spanned<String>) -> Result<String, ConfigError> {
        checked_address(text.get_ref())
            .map_err(|what| self.at(text, what, "Write one address, such as “referrals@council.example”."))
    }

    fn contact(&self, table: &Spanned<ContactTable>) -> Result<Contact, ConfigError> {
        Contact::new(&table.get_ref().name, &table.get_ref().address).map_err(|what| {
            self.at(table, what, "Write { name = \"Priya Example\", address = \"priya@council.example\" }.")
        })
    }

    fn mailbox(
        &self,
        table: &MailboxTable,
        others: &[Mailbox],
        way_out: &WayOut,
        known: &Known<'_>,
    ) -> Result<Mailbox, ConfigError> {
        let id = self.line(&table.id, "id")?;
        if !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            let advice = "Use small letters, digits and hyphens, such as “tees”.";
            return Err(self.at(&table.id, format!("“{id}” cannot be the name of a mailbox"), advice));
        }
        if others.iter().any(|other| other.id.as_str() == id) {
            return Err(self.at(
                &table.id,
                format!("there is a mailbox “{id}” already"),
                "Give each an id of its own.",
            ));
        }
        let address = self.address(&table.address)?;
        let way_in = self.way_in(table, &id, &address, others, way_out)?;
        let procedure = table.procedure.get_ref();
        if !known.procedures.contains(&procedure.as_str()) {
            let what = format!("there is no procedure “{procedure}”");
            return Err(self.at(&table.procedure, what, suggest(procedure, known.procedures)));
        }
        let notifier = self.contact(&table.notifier)?;
        let telephone = table.notifier_telephone.as_ref();
        let telephone = telephone.map(|text| self.line(text, "notifier_telephone")).transpose()?;
        let mut digest = table.digest.iter().map(|one| self.contact(one)).collect::<Result<Vec<_>, _>>()?;
        if digest.is_empty() {
            digest.push(notifier.clone());
        }
        Ok(Mailbox {
            id: MailboxId::new(id),
            address,
            way_in,
            inbox: table.inbox.value(),
            procedure: ProcedureId::new(procedure),
            authority: self.line(&table.authority, "authority")?,
            notifier,
            notifier_telephone: telephone,
            digest,
            standing_meetings: table
                .standing_meetings
                .iter()
                .map(|day| toml_error::date(self.file, self.text, day))
                .collect::<Result<_, _>>()?,
            reference_prefix: self.prefix(table.reference_prefix.as_ref())?,
        })
    }

    fn prefix(&self, text: Option<&Spanned<String>>) -> Result<String, ConfigError> {
        let Some(text) = text else { return Ok("REF".to_owned()) };
        let prefix = text.get_ref();
        if !(2..=8).contains(&prefix.len()) || !prefix.chars().all(|c| c.is_ascii_uppercase()) {
            let advice = "Write two to eight capital letters that say nothing of the kind of case, such as “REF”.";
            return Err(self.at(text, format!("“{prefix}” cannot begin a reference"), advice));
        }
        Ok(prefix.clone())
    }

    fn hours(&self, table: &HoursTable) -> Result<Hours, ConfigError> {
        let time = |text: &Option<Spanned<String>>, hour: u32| match text {
            None => Ok(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()),
            Some(text) => NaiveTime::parse_from_str(text.get_ref(), "%H:%M").map_err(|_| {
                self.at(text, format!("“{}” is not a time of day", text.get_ref()), "Write it like “08:00”.")
            }),
        };
        let hours = Hours { from: time(&table.from, 8)?, to: time(&table.to, 18)?, digest: time(&table.digest, 8)? };
        let wrong = |spot: Option<&Spanned<String>>, what: &str| {
            let advice = "Let “from” be earlier than “to”, and the digest lie between them.";
            match spot {
                Some(spot) => self.at(spot, what, advice),
                None => ConfigError::whole(self.file, what, advice),
            }
        };
        if hours.from >= hours.to {
            return Err(wrong(table.to.as_ref().or(table.from.as_ref()), "the hours end before they begin"));
        }
        if hours.digest < hours.from || hours.digest >= hours.to {
            let spot = table.digest.as_ref().or(table.from.as_ref()).or(table.to.as_ref());
            return Err(wrong(spot, "the digest would go outside the hours"));
        }
        Ok(hours)
    }

    fn reminders(&self, days: Option<&Spanned<Vec<u32>>>) -> Result<Vec<u32>, ConfigError> {
        let Some(days) = days else { return Ok(DEFAULT_REMINDERS.to_vec()) };
        if !days.get_ref().windows(2).all(|pair| pair[0] > pair[1]) {
            let advice = "Write each number of working days once, the largest first: [3, 1, 0].";
            return Err(self.at(days, "reminders are out of order", advice));
        }
        Ok(days.get_ref().clone())
    }

    fn number(&self, value: Option<&Spanned<u32>>, default: u32, most: u32) -> Result<u32, ConfigError> {
        let Some(value) = value else { return Ok(default) };
        if !(1..=most).contains(value.get_ref()) {
            let advice = format!("Choose a number from 1 to {most}; without this key it is {default}.");
            return Err(self.at(value, "this number is out of range", advice));
        }
        Ok(*value.get_ref())
    }

    fn schedule(&self, text: Option<&Spanned<String>>, known: &Known<'_>) -> Result<String, ConfigError> {
        let Some(text) = text else { return Ok(DEFAULT_SCHEDULE.to_owned()) };
        (known.schedule)(text.get_ref())
            .map_err(|what| self.at(text, what, format!("For example: “{DEFAULT_SCHEDULE}”, every five minutes.")))?;
        Ok(text.get_ref().clone())
    }

    fn organisation(&self, table: &OrganisationTable) -> Result<Organisation, ConfigError> {
        let postal_address = table.postal_address.get_ref().trim().to_owned();
        if postal_address.is_empty() {
            return Err(self.at(&table.postal_address, "“postal_address” is empty", "Letters need it; write it out."));
        }
        Ok(Organisation {
            name: self.line(&table.name, "name")?,
            postal_address,
            emergency_line: self.line(&table.emergency_line, "emergency_line")?,
            return_address: self.address(&table.return_address)?,
            signatory_name: self.line(&table.signatory_name, "signatory_name")?,
            signatory_title: self.line(&table.signatory_title, "signatory_title")?,
            signatory_telephone: self.line(&table.signatory_telephone, "signatory_telephone")?,
            marking: match &table.marking {
                Some(text) if !text.get_ref().trim().is_empty() => self.line(text, "marking")?,
                _ => String::new(),
            },
        })
    }
}
