//! The path over a mailbox and a way out that are servers: doubles in memory, for what the doors themselves must do
//! wrong. The real servers have tests of their own.

mod afresh;
mod dragging;
mod long;
mod mailbox;
mod met;
mod outcomes;
mod post;
mod stopping;

use chrono::{DateTime, Utc};
use daymark::adapters::clock::FixedClock;
use daymark::cli::work::{self, Desk};
use daymark::core::ids::{CaseRef, MailboxId};
use daymark::core::referral::Referral;
use daymark::core::settings::{Inbox, Login, Relay, Server, Tls, WayOut};
use daymark::pipeline::dispatch::LEASE;
use daymark::pipeline::{self, Office, Pass, Stop};
use daymark::ports::Clock;
use daymark::store::{Counts, MailRow, MessageRow, MessageState, Store};

use crate::world::{WORD, World};
use mailbox::Mailbox;
use post::Post;

/// The address of the watched mailbox.
const ADDRESS: &str = "exampleton@exampleton.example";
/// The folder that is watched.
const INBOX: &str = "INBOX";

/// A council whose mailbox and way out are servers.
struct Council {
    world: World,
    mailbox: Mailbox,
    post: Post,
    office: Office,
    holder: String,
    mails: u32,
}

impl Council {
    /// On a Friday morning, with its mailbox met.
    fn new() -> Self {
        let mut council = Self::unmet();
        council.pass();
        council
    }

    /// The same, before the first look into the mailbox.
    fn unmet() -> Self {
        let mut world = World::tees_from("2026-03-27 09:00");
        let mut office = world.office();
        let server = Server {
            host: "smtp.exampleton.example".to_owned(),
            port: 587,
            tls: Tls::StartTls,
            ca_file: None,
            user: String::new(),
            login: Login::None,
        };
        office.settings.way_out = WayOut::Smtp(Box::new(Relay { server, copy: true }));
        // Nobody reads a digest here, so that what leaves is what a story is about.
        office.settings.mailboxes[0].digest.clear();
        let now = world.now();
        let desk = Desk::take(world.store(), now).unwrap();
        desk.leave(world.store()).unwrap();
        let (mailbox, post) = (Mailbox::new(), Post::default());
        Self { world, mailbox, post, office, holder: "here".to_owned(), mails: 0 }
    }

    fn dedicated() -> Self {
        let mut council = Self::unmet();
        council.office.settings.mailboxes[0].inbox = Inbox::Dedicated;
        council.pass();
        council
    }

    fn store(&mut self) -> &mut Store {
        self.world.store()
    }

    fn at(&mut self, time: &str) -> &mut Self {
        self.world.sleeps_until(time);
        self
    }

    fn instant(&self) -> DateTime<Utc> {
        self.world.now().at
    }

    /// One pass, however it goes.
    fn pass(&mut self) -> Pass {
        self.pass_until(&Stop::never())
    }

    fn pass_until(&mut self, stop: &Stop) -> Pass {
        let clock = FixedClock(self.world.now());
        self.pass_by(stop, &clock)
    }

    /// One pass by a clock that goes on meanwhile.
    fn pass_by(&mut self, stop: &Stop, clock: &impl Clock) -> Pass {
        let now = clock.now();
        self.mailbox.comes_at(now.at);
        for copy in self.post.copies() {
            self.mailbox.arrives(INBOX, &copy);
        }
        let store = self.world.store();
        let ttl = chrono::TimeDelta::minutes(15);
        assert!(store.acquire_lease(LEASE, &self.holder, now.at, ttl).unwrap());
        let Self { office, mailbox, post, holder, .. } = self;
        let of = &office.settings.mailboxes[0];
        let pass = pipeline::pass(store, mailbox, post, office, of, holder, stop, clock);
        let pass = work::wait(async { Ok(pass.await?) }).unwrap();
        store.release_lease(LEASE, &self.holder).unwrap();
        pass
    }

    /// A pass in which nothing goes wrong.
    fn passes(&mut self) -> Pass {
        let pass = self.pass();
        assert!(pass.went_well(), "{pass:?}");
        pass
    }

    /// A mail with this form.
    fn form(&mut self, referral: &Referral, from: &str) -> Vec<u8> {
        let form = daymark::codec::sample_form::tees(referral);
        self.mail(from, "Referral", &[("form.docx", WORD, &form)])
    }

    /// A mail of a person, under a Message-ID of its own.
    fn mail(&mut self, from: &str, subject: &str, files: &[(&str, &str, &[u8])]) -> Vec<u8> {
        self.mails += 1;
        let mail = String::from_utf8(self.world.mail(from, subject, files)).unwrap();
        let id = format!("Message-ID: <person-{}@", self.mails);
        assert!(mail.contains("Message-ID: <story-1@"));
        mail.replace("Message-ID: <story-1@", &id).into_bytes()
    }

    /// A mail comes into the inbox.
    fn arrives(&mut self, mail: &[u8]) -> u32 {
        let now = self.instant();
        self.mailbox.comes_at(now);
        self.mailbox.arrives(INBOX, mail)
    }

    fn counts(&mut self) -> Counts {
        self.store().read().counts(&MailboxId::new("exampleton")).unwrap()
    }

    fn held(&mut self) -> Vec<MailRow> {
        self.store().read().held().unwrap()
    }

    fn cases(&mut self) -> Vec<CaseRef> {
        self.world.cases()
    }

    fn outbox(&mut self, template: &str) -> Vec<MessageRow> {
        self.world.outbox().into_iter().filter(|row| row.template.as_str() == template).collect()
    }

    fn states(&mut self, template: &str) -> Vec<MessageState> {
        self.outbox(template).into_iter().map(|row| row.state).collect()
    }

    /// Stops the program and starts it again, over the same files.
    fn restarts(&mut self) {
        self.world.restart();
    }
}

impl Drop for Council {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let counts = self.counts();
        assert_eq!(counts.arrived, counts.handled + counts.listed + counts.ours + counts.in_hand, "{counts:?}");
        assert_eq!(counts.in_hand, 0, "mail is still in hand");
        assert!(self.store().verify().unwrap().is_sound());
        // Its books are not those of a council that sends by folder.
        self.world.close();
    }
}
