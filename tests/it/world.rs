//! The one harness: an invented council in a temporary folder, with the program's own parts, its own clock, a fixed
//! key and fixed randomness, so that the same story makes the same mails.
//!
//! A story reads `world.receives(…)`, `world.records(…)`, `world.at("2026-03-30 08:00")`, `world.mails()`. When it
//! ends, the books are checked: see [`World::check_books`].
//!
//! A council has its mail in folders ([`World::tees`]) or on real servers ([`World::tees_on_servers`]): the same story
//! makes the same mails.

mod council;
pub mod people;
mod post;
mod reading;
pub mod tape;

pub use post::{WATCHED, Wires};
pub use reading::{answered, filled_in, nothing_held, word};

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDateTime;
use daymark::adapters::maildir::{MaildirCourier, MaildirSource};
use daymark::adapters::{clock, schedule};
use daymark::cli::shop::Shop;
use daymark::cli::{init, work};
use daymark::codec::{compose, mime, sample_form};
use daymark::core::deadline;
use daymark::core::decide::Typed;
use daymark::core::ids::CaseRef;
use daymark::core::now::Now;
use daymark::core::record::When;
use daymark::core::referral::Referral;
use daymark::core::settings::{Settings, WayIn, WayOut};
use daymark::core::words;
use daymark::pipeline::approve::{self, Approved};
use daymark::pipeline::draft::Draft;
use daymark::pipeline::record::{self, Recorded};
use daymark::pipeline::{Office, Pass, cases};
use daymark::store::{MailId, MailState, MasterKey, MessageRow, MessageState, Options, Randomness, Settlement, Store};
use post::Lying;
use sha2::{Digest, Sha256};
use tape::Tape;

/// The type of a Word document in a mail.
pub const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// The officer who records and approves.
pub const OFFICER: &str = "Sam Trevose";
/// The key of every world.
const KEY: &str = "5ea1ed0000000000000000000000000000000000000000000000000000000001\n";

/// A council, its mail, and the hour on its wall.
pub struct World {
    folder: tempfile::TempDir,
    store: Option<Store>,
    now: Now,
    /// Its servers; folders, when there are none.
    wires: Option<Arc<Wires>>,
    case: Option<CaseRef>,
    seen: BTreeSet<String>,
    arrived: u32,
    restarts: u64,
    /// What the story is taken down on, if it is.
    tape: Option<Tape>,
    /// Set by a story that damages its own data file on purpose.
    pub damaged: bool,
    /// Set by a story in which a mail of ours comes back, or stays in doubt: not everybody has what was sent.
    pub bounced: bool,
    /// Mails that came to a mailbox which a story took out of the configuration.
    pub left_out: i64,
}

/// Wall time in London: `2026-03-27 16:40`.
pub fn wall(time: &str) -> Now {
    let local = NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M").unwrap();
    clock::at(schedule::instant_of(local))
}

/// The ways in and out of the first mailbox of a council that sends by folder.
pub fn by_folder(settings: &Settings) -> (MaildirSource, MaildirCourier) {
    let (WayIn::Maildir(incoming), WayOut::Postman(postman)) = (&settings.mailboxes[0].way_in, &settings.way_out)
    else {
        panic!("this council has a mail server");
    };
    (MaildirSource::new(incoming.display().to_string(), incoming), MaildirCourier::new(postman))
}

impl World {
    /// A council under the Tees procedure, on Friday 27 March 2026.
    pub fn tees() -> Self {
        Self::tees_from("2026-03-27 07:00")
    }

    /// The same, from this hour.
    pub fn tees_from(time: &str) -> Self {
        Self::new(&council::configuration("tees"), time)
    }

    /// A council under the Southampton protocol, on the Monday before Christmas 2026.
    pub fn southampton() -> Self {
        Self::new(&council::configuration("southampton"), "2026-12-21 07:00")
    }

    /// A council under this procedure, from this hour.
    pub fn under(procedure: &str, time: &str) -> Self {
        Self::new(&council::configuration(procedure), time)
    }

    /// A council under the Pan Bedfordshire process, where the case review group meets on these days.
    pub fn pan_bedfordshire(time: &str, group: &[&str]) -> Self {
        let mut world = Self::under("pan-bedfordshire", time);
        let days = format!("reference_prefix = \"REF\"\nstanding_meetings = [{}]\n", group.join(", "));
        world.edits("daymark.toml", "reference_prefix = \"REF\"\n", &days);
        world
    }

    /// A council of Tees that watches two folders, each a mailbox of its own.
    pub fn two_mailboxes() -> Self {
        let second = council::mailbox("second", "tees", "incoming-second");
        Self::new(&format!("{}{second}", council::configuration("tees")), "2026-03-27 07:00")
    }

    /// A council with a mailbox for each of these procedures, from this hour; and the folders they watch.
    pub fn with_mailboxes(procedures: &[String], time: &str) -> (Self, Vec<String>) {
        let mut configuration = council::configuration(&procedures[0]);
        let mut watched = vec!["incoming".to_owned()];
        for (number, procedure) in (2..).zip(&procedures[1..]) {
            let maildir = format!("incoming-{number}");
            configuration.push_str(&council::mailbox(&format!("exampleton-{number}"), procedure, &maildir));
            watched.push(maildir);
        }
        (Self::new(&configuration, time), watched)
    }

    /// The council of [`World::tees`], with its mail on servers, over TLS.
    pub fn tees_on_servers() -> Self {
        Self::on(Wires::over_tls(), "tees", "2026-03-27 07:00")
    }

    /// The council of [`World::southampton`], with its mail on servers, over TLS.
    pub fn southampton_on_servers() -> Self {
        Self::on(Wires::over_tls(), "southampton", "2026-12-21 07:00")
    }

    /// A council of Tees on servers, from this hour, over lines that do what a test orders.
    pub fn on_faulty_lines(time: &str) -> Self {
        Self::on(Wires::over_faulty_lines(), "tees", time)
    }

    /// A second council that watches the same mailbox, with a data file of its own.
    pub fn twin(&self) -> Self {
        let wires = self.wires.clone().expect("a council on servers");
        Self::made(&wires.connect(&council::configuration("tees")), self.now, Some(wires))
    }

    fn on(wires: Wires, procedure: &str, time: &str) -> Self {
        Self::made(&wires.connect(&council::configuration(procedure)), wall(time), Some(Arc::new(wires)))
    }

    /// A council with this configuration.
    pub fn new(configuration: &str, time: &str) -> Self {
        Self::made(configuration, wall(time), None)
    }

    fn made(configuration: &str, now: Now, wires: Option<Arc<Wires>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("council.key");
        fs::write(&key, KEY).unwrap();
        restrict(&key);
        let shop = Shop::at(PathBuf::new(), now);
        let home = folder.path().join("council");
        init::make(&home, configuration, council::CONTACTS, Some(council::SCHOOLS), &shop).unwrap();
        let mut world = Self {
            folder,
            store: None,
            now,
            wires,
            case: None,
            seen: BTreeSet::new(),
            arrived: 0,
            restarts: 0,
            tape: None,
            damaged: false,
            bounced: false,
            left_out: 0,
        };
        world.restart();
        world
    }

    /// The same council, but that the program knows no more that it is a demonstration.
    #[must_use]
    pub fn live(mut self) -> Self {
        self.edits("daymark.toml", "mode = \"demo\"", "mode = \"live\"");
        self
    }

    /// The same council; what its passes meet is taken down on this tape.
    #[must_use]
    pub fn taped(mut self, tape: &Tape) -> Self {
        self.tape = Some(tape.clone());
        self
    }

    /// The story is at the place where a requirement of DOMAIN section 2 is played; the words say what happens.
    pub fn step(&mut self, requirement: &str, words: &str) -> &mut Self {
        if let Some(tape) = &self.tape {
            tape.step(requirement, words);
        }
        self
    }

    /// The configuration folder.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("council")
    }

    /// Everything in it and the key beside it.
    pub fn outside(&self) -> &Path {
        self.folder.path()
    }

    /// The program's own parts, at this hour.
    pub fn shop(&self) -> Shop {
        Shop::at(self.home().join("daymark.toml"), self.now)
    }

    /// The configuration as it stands in the folder now.
    pub fn office(&self) -> Office {
        self.shop().office().unwrap()
    }

    /// The servers of a council that has its mail on servers.
    pub fn wires(&self) -> Arc<Wires> {
        self.wires.clone().expect("a council on servers")
    }

    /// The data file.
    pub fn store(&mut self) -> &mut Store {
        self.store.as_mut().unwrap()
    }

    /// The hour.
    pub const fn now(&self) -> Now {
        self.now
    }

    /// Closes the data file, so that something else may do with it what it likes.
    pub fn close(&mut self) {
        self.store = None;
    }

    /// Stops the program and starts it again, over the same files.
    pub fn restart(&mut self) {
        self.store = None;
        self.restarts += 1;
        let settings = self.shop().settings().unwrap();
        let key = MasterKey::from_file(&settings.key_file).unwrap();
        let random = Randomness::seeded(self.restarts);
        self.store = Some(Store::open(&settings.data_file, &key, random, Options::default()).unwrap());
    }

    /// Changes `daymark.toml`, `contacts.toml` or another file of the configuration by hand.
    pub fn edits(&mut self, file: &str, from: &str, to: &str) {
        let path = self.home().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} does not say “{from}”");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// Sets the clock, and does nothing.
    pub fn sleeps_until(&mut self, time: &str) {
        let now = wall(time);
        assert!(now >= self.now, "a story goes forward: {time}");
        self.now = now;
    }

    /// Sets the clock, and runs a whole pass.
    pub fn at(&mut self, time: &str) -> &mut Self {
        self.sleeps_until(time);
        let pass = self.passes();
        assert!(pass.iter().all(Pass::went_well), "{:?}", self.trouble(&pass));
        self
    }

    /// Runs a whole pass over every mailbox, however it goes; what left has arrived when it ends.
    pub fn passes(&mut self) -> Vec<Pass> {
        let office = Arc::new(self.office());
        self.passes_in(&office)
    }

    /// The same, in an office that was set up before: the configuration has not changed since.
    pub fn passes_in(&mut self, office: &Arc<Office>) -> Vec<Pass> {
        let now = self.now;
        let store = self.store.as_mut().unwrap();
        let desk = work::Desk::take(store, now).unwrap();
        let passes = work::wait(work::pass(store, office, &desk, &clock::FixedClock(now))).unwrap();
        desk.leave(store).unwrap();
        if let Some(wires) = &self.wires {
            wires.settle();
        }
        if let Some(tape) = &self.tape {
            tape.takes(store, office, now);
        }
        passes.into_iter().map(|(_, pass)| pass).collect()
    }

    fn trouble(&self, passes: &[Pass]) -> Vec<String> {
        passes.iter().flat_map(|pass| work::trouble("mailbox", pass)).collect()
    }

    fn goes_well(&mut self) {
        let passes = self.passes();
        assert!(passes.iter().all(Pass::went_well), "{:?}", self.trouble(&passes));
    }

    /// A person sends a form, as an attachment of the Tees form; the pass that follows is about it.
    pub fn receives(&mut self, form: &Referral, from: &str) -> CaseRef {
        let form = sample_form::tees(form);
        self.receives_file("form.docx", &form, from)
    }

    /// A person sends a file.
    pub fn receives_file(&mut self, name: &str, file: &[u8], from: &str) -> CaseRef {
        let mail = self.mail(from, "Referral", &[(name, WORD, file)]);
        self.drops(&mail);
        self.goes_well();
        let newest = self.cases().pop().unwrap();
        self.case.get_or_insert(newest.clone());
        newest
    }

    /// The officer opens a case by telephone, with the fields that `read-form` shows.
    pub fn opens(&mut self, words: &[&str]) -> CaseRef {
        let fields: BTreeMap<String, String> =
            words.iter().filter_map(|word| word.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        let (office, now) = (self.office(), self.now);
        let mailbox = office.settings.mailboxes[0].clone();
        let case = record::open(self.store(), &office, &mailbox, &fields, OFFICER, now).unwrap().unwrap();
        self.case.get_or_insert(case.clone());
        self.goes_well();
        case
    }

    /// The bytes of a mail as a person's own program would send it.
    pub fn mail(&self, from: &str, subject: &str, attachments: &[(&str, &str, &[u8])]) -> Vec<u8> {
        let number = self.arrived + 1;
        let domain = from.rsplit('@').next().unwrap();
        let mail = compose::compose(&compose::Letter {
            from: ("", from),
            to: &[("", "exampleton@exampleton.example")],
            subject,
            text: "Please find the document attached.",
            html: None,
            attachments,
            date: self.now.at,
            message_id: &format!("story-{number}@{domain}"),
            daymark_id: "none",
            in_reply_to: None,
            references: &[],
            banner: None,
        })
        .unwrap();
        // A person's mail bears none of the marks that ours does.
        let ours = ["X-Daymark-Id:", "Auto-Submitted:", "X-Auto-Response-Suppress:"];
        let text = String::from_utf8(mail).unwrap();
        let plain = text.split_inclusive('\n').filter(|line| !ours.iter().any(|mark| line.starts_with(mark)));
        plain.collect::<String>().into_bytes()
    }

    /// A mail comes to lie in the watched folder, at this hour.
    pub fn drops(&mut self, mail: &[u8]) {
        match self.wires.clone() {
            Some(wires) => {
                self.arrived += 1;
                wires.brings(mail, self.now.at, self.arrived);
            }
            None => self.drops_in("incoming", mail),
        }
    }

    /// So many mails came to the watched mailbox by another way than [`World::drops`], or under a new number.
    pub fn counts_arrivals(&mut self, mails: usize) {
        self.arrived += u32::try_from(mails).unwrap();
    }

    /// A mail comes to lie in that watched folder.
    pub fn drops_in(&mut self, maildir: &str, mail: &[u8]) {
        self.arrived += 1;
        let path = self.home().join(maildir).join("new").join(format!("{:010}.story", self.arrived));
        fs::write(&path, mail).unwrap();
        // It came at this hour of the story, whatever the hour is outside.
        fs::File::options().write(true).open(&path).unwrap().set_modified(self.now.at.into()).unwrap();
    }

    /// The officer has dealt with a mail that was listed, and takes it off the list: `release ID --as not-for-us`.
    pub fn takes_off_the_list(&mut self, mail: i64, why: &str) {
        let end = Settlement { state: MailState::Handled, why: Some(why), cases: &[], file_to: None };
        self.store().write(|tx| tx.settle(MailId(mail), &end)).unwrap();
    }

    /// From here on the story is about this case.
    pub fn turns_to(&mut self, case: &CaseRef) -> &mut Self {
        self.case = Some(case.clone());
        self
    }

    /// The case the story is about: the first, unless it turned to another.
    pub fn case(&self) -> CaseRef {
        self.case.clone().unwrap()
    }

    /// Every case, oldest first.
    pub fn cases(&mut self) -> Vec<CaseRef> {
        self.store().read().cases().unwrap().into_iter().map(|row| row.case).collect()
    }

    /// The officer records a fact: `on=` (a day, or `2026-03-30T10:00`), `child=` and the event's own fields.
    pub fn records(&mut self, kind: &str, words: &[&str]) -> &mut Self {
        self.records_with(kind, words, None)
    }

    /// The officer records a fact, with a file.
    pub fn records_with(&mut self, kind: &str, words: &[&str], file: Option<(&str, &[u8])>) -> &mut Self {
        let answer = self.tries_to_record(kind, words, file);
        assert!(matches!(answer, Recorded::As(..)), "{kind}: {answer:?}");
        self.goes_well();
        self
    }

    /// The officer types a fact; the answer says whether it was recorded. No pass follows.
    pub fn tries_to_record(&mut self, kind: &str, words: &[&str], file: Option<(&str, &[u8])>) -> Recorded {
        let mut fields: BTreeMap<String, String> =
            words.iter().filter_map(|word| word.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        let day = (kind != "corrected").then(|| fields.remove("on")).flatten();
        let child = fields.remove("child").map(|child| child.parse().unwrap());
        let attachment = file.map(|(name, bytes)| (name.to_owned(), hex(&Sha256::digest(bytes))));
        let on = day.map(|day| day_or_hour(&day));
        let typed = Typed { kind: kind.to_owned(), on, child, fields, note: None, attachment };
        let (case, office, now) = (self.case(), self.office(), self.now);
        record::record(self.store(), &office, &case, typed, file.map(|(_, bytes)| bytes), OFFICER, now).unwrap()
    }

    /// The officer approves everything of this name that waits in the case, and it leaves if it may.
    pub fn approves(&mut self, template: &str) -> &mut Self {
        let answers = self.tries_to_approve(template, None);
        assert!(!answers.is_empty(), "no {template} waits");
        assert!(answers.iter().all(|answer| matches!(answer, Approved::Yes(..))), "{answers:?}");
        self.goes_well();
        self
    }

    /// The officer approves everything of this name but what would go to one address.
    pub fn strikes(&mut self, template: &str, address: &str, because: &str) -> &mut Self {
        let answers = self.tries_to_approve(template, Some((address, because)));
        let struck = |answer: &&Approved| matches!(answer, Approved::Struck(_, out) if out == address);
        assert_eq!(answers.iter().filter(struck).count(), 1, "{answers:?}");
        assert!(!answers.iter().any(|answer| matches!(answer, Approved::No(..))), "{answers:?}");
        self.goes_well();
        self
    }

    /// What approving comes to. No pass follows.
    pub fn tries_to_approve(&mut self, template: &str, strike: Option<(&str, &str)>) -> Vec<Approved> {
        let (case, office, now) = (self.case(), self.office(), self.now);
        let found = approve::find(&self.store().read(), &case, template).unwrap();
        let (out, because) = strike.unzip();
        let out: Vec<String> = out.into_iter().map(str::to_owned).collect();
        approve::approve(self.store(), &office, &case, &found, &out, because.unwrap_or(""), OFFICER, now).unwrap()
    }

    /// The outbox, oldest first.
    pub fn outbox(&mut self) -> Vec<MessageRow> {
        self.store().read().outbox().unwrap()
    }

    /// How often a message of this name has left.
    pub fn sent(&mut self, template: &str) -> usize {
        self.outbox().iter().filter(|row| row.template.as_str() == template && row.state == MessageState::Sent).count()
    }

    /// The kinds of events of the case, in order.
    pub fn log(&mut self) -> Vec<String> {
        let case = self.case();
        self.store().read().events(&case).unwrap().into_iter().map(|row| row.kind).collect()
    }

    /// What the recipients have newly since the last look, for a person to read.
    pub fn mails(&mut self) -> String {
        if let Some(tape) = &self.tape {
            tape.looks(true);
        }
        let new = self.new_mails();
        let mails: Vec<String> = new.iter().map(|raw| self.with_its_lines_compared(&reading::mail(raw))).collect();
        if mails.is_empty() { "nothing\n".to_owned() } else { mails.join("\n") }
    }

    /// A digest prints the head of the log. It is compared with the log here, and then left out: else each change to
    /// the shape of an event would change every snapshot, and nobody would read them any more.
    ///
    /// It also counts the copies of our own mail, which come back from servers and never from folders: the sum is
    /// checked here, and printed without them.
    fn with_its_lines_compared(&mut self, mail: &str) -> String {
        const HEAD: &str = "Head of the log: ";
        let mut lines: Vec<String> = Vec::new();
        for line in mail.lines() {
            match line.strip_prefix(HEAD).and_then(|head| head.split_once(':')) {
                Some((seq, hash)) => {
                    let known = self.store().read().hash_at(seq.parse().unwrap()).unwrap();
                    assert_eq!(hash, known.map(|known| hex(&known)).unwrap_or_default(), "the head in a digest");
                    lines.push(format!("{HEAD}{seq}:(as in the log)"));
                }
                None if self.wires.is_some() => lines.push(reading::without_our_copies(line)),
                None => lines.push(line.to_owned()),
            }
        }
        lines.join("\n") + "\n"
    }

    /// Looks away: what the recipients have until now is not looked at again.
    pub fn looks_away(&mut self) -> &mut Self {
        if let Some(tape) = &self.tape {
            tape.looks(false);
        }
        self.new_mails();
        self
    }

    /// Every clock of the case with its date and how it stands, for a person to read.
    pub fn dates(&mut self) -> String {
        if let Some(tape) = &self.tape {
            tape.dates();
        }
        let (case, office, today) = (self.case(), self.office(), self.now.today());
        let loaded = cases::load(&self.store().read(), &office, &case).unwrap();
        let clocks = deadline::of(&loaded.case, &loaded.procedure, &office.calendar, today);
        let line = |clock: &deadline::Deadline| {
            let due = clock.due.map_or("no date".to_owned(), words::short);
            format!("{}: {due}, {}\n", clock.rule, clock.status.as_str())
        };
        clocks.iter().map(line).collect()
    }

    /// The line of one clock among [`World::dates`], without its name.
    pub fn stands(&mut self, clock: &str) -> String {
        let dates = self.dates();
        let line = dates.lines().find_map(|line| line.strip_prefix(&format!("{clock}: ")));
        line.unwrap_or_else(|| panic!("no {clock} among\n{dates}")).to_owned()
    }

    /// The case as the program reads it now.
    pub fn loaded(&mut self) -> cases::Loaded {
        let (case, office) = (self.case(), self.office());
        cases::load(&self.store().read(), &office, &case).unwrap()
    }

    /// How a clock of the case stands today, in words.
    pub fn standing(&mut self, rule: &str) -> String {
        let (case, office, today) = (self.case(), self.office(), self.now.today());
        let loaded = cases::load(&self.store().read(), &office, &case).unwrap();
        let clocks = deadline::of(&loaded.case, &loaded.procedure, &office.calendar, today);
        let clock = clocks.iter().find(|clock| clock.rule.as_str() == rule).expect("a clock of the case");
        words::standing(clock, &office.calendar, today)
    }

    /// The bytes of every mail that one recipient has, oldest first.
    pub fn mails_to(&self, address: &str) -> Vec<Vec<u8>> {
        let mut mails = self.lying();
        mails.retain(|mail| mail.to == address);
        mails.sort_by_cached_key(|mail| mime::read(&mail.raw).date);
        mails.into_iter().map(|mail| mail.raw).collect()
    }

    /// Every mail that anybody has, with whose it is.
    pub fn all_mails(&self) -> Vec<(String, Vec<u8>)> {
        self.lying().into_iter().map(|mail| (mail.to, mail.raw)).collect()
    }

    /// The document that one recipient was sent first.
    pub fn document_sent_to(&self, address: &str) -> Vec<u8> {
        let mut attachments = self.mails_to(address).into_iter().flat_map(|raw| mime::read(&raw).attachments);
        attachments.next().unwrap_or_else(|| panic!("{address} was sent no document")).bytes
    }

    /// What recipients have.
    fn lying(&self) -> Vec<Lying> {
        match &self.wires {
            Some(wires) => wires.with_recipients(),
            None => post::in_folders(&self.home().join("sent")),
        }
    }

    fn new_mails(&mut self) -> Vec<Vec<u8>> {
        let mut new = self.lying();
        new.retain(|mail| self.seen.insert(mail.id.clone()));
        // By recipient, then by what it is: neither a file's name nor a number says anything of it.
        new.sort_by_cached_key(|mail| {
            let read = mime::read(&mail.raw);
            (mail.to.clone(), read.subject.into_inner(), read.daymark_id)
        });
        new.into_iter().map(|mail| mail.raw).collect()
    }

    /// What must hold at the end of every story: nothing in hand, nothing half sent, nothing sent unapproved, one
    /// mail for each recipient and message, the count even, the chain sound. On servers each recipient has the very bytes
    /// that were released, and the watched mailbox a copy of every message.
    fn check_books(&mut self) {
        let office = self.office();
        let lying = self.lying();
        let (copies, unread) = self.wires.as_ref().map_or((0, 0), |wires| wires.copies());
        let mut arrived = 0;
        let store = self.store.as_mut().unwrap();
        let view = store.read();
        assert_eq!(view.unsettled().unwrap(), [], "mail is still in hand");
        for mailbox in &office.settings.mailboxes {
            let counts = view.counts(&mailbox.id).unwrap();
            assert_eq!(counts.arrived, counts.handled + counts.listed + counts.ours + counts.in_hand);
            arrived += counts.arrived + counts.older;
        }
        let came = i64::from(self.arrived) + i64::try_from(copies).unwrap();
        assert_eq!(arrived + self.left_out, came, "every mail that came is in the ledger, once");
        let (mut sent, mut messages) = (0, 0);
        for row in view.outbox().unwrap() {
            let impossible = matches!(row.state, MessageState::Sending | MessageState::Unknown | MessageState::Failed);
            assert!(!impossible || self.bounced, "message {} ({}) is {}", row.id, row.template, row.state);
            if row.state == MessageState::Sent {
                let to_another_body = matches!(row.template.as_str(), "dsl-notification" | "chronology-request");
                // A note that bears a copy of the notification is approved, any other is not.
                // A notice waits for approval where its rule says so, and the paper for a meeting where its place tells too much.
                let either = matches!(row.template.as_str(), "partnership-note" | "notice" | "meeting-notice");
                let approved = row.approved.is_some();
                assert!(row.sent_at.is_some() && (either || approved == to_another_body), "{row:?}");
                let message = view.message(row.id).unwrap();
                sent += message.recipients.len();
                messages += 1;
                if self.wires.is_some() {
                    let (_, bytes) = Draft::from_bytes(message.body.as_deref().unwrap()).unwrap();
                    for to in &message.recipients {
                        let has = |mail: &&Lying| mail.to == to.address && mail.raw.ends_with(bytes.unwrap());
                        assert_eq!(lying.iter().filter(has).count(), 1, "message {} ({})", row.id, row.template);
                    }
                }
            }
        }
        let forgotten = view.cases().unwrap().iter().any(|row| row.destroyed_at.is_some());
        assert!(sent == lying.len() || forgotten || self.bounced, "{sent} sent, {} lie with recipients", lying.len());
        let copied = self.wires.is_none() || self.bounced || messages == copies + unread;
        assert!(copied, "{messages} messages left, and {} copies came", copies + unread);
        assert_eq!(store.verify().unwrap().faults.is_empty(), !self.damaged);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.store.is_some() {
            self.check_books();
        }
    }
}

/// A day, or a day with its hour: `2026-03-27`, `2026-03-27T16:40`.
fn day_or_hour(text: &str) -> When {
    match NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M") {
        Ok(hour) => When { date: hour.date(), time: Some(hour.time()) },
        Err(_) => text.parse::<chrono::NaiveDate>().unwrap().into(),
    }
}

/// Every file below a folder, by name.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn restrict(key: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
}
