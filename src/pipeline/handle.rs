//! What one mail that came in changes: understood first, then recorded in one transaction.

use chrono::NaiveDate;

use crate::codec::mime;
use crate::core::case::Case;
use crate::core::classify::{self, Guess, Kind, ListedWhy, MayAnswer, Own};
use crate::core::decide;
use crate::core::event::{CaseEvent, FormReceived};
use crate::core::fold::folded;
use crate::core::ids::{CaseRef, ChildId, MailboxId};
use crate::core::inbound::InboundMail;
use crate::core::now::Now;
use crate::core::problem::Problem;
use crate::core::referral::Referral;
use crate::core::same_incident;
use crate::core::settings::{Inbox, Mailbox};
use crate::ports::TREAT_AS_REFERRAL;
use crate::store::{LookupKind, MailId, MailState, NewCase, Settlement, Store, StoreError, Tray, Tx, View};

use super::office::Office;
use super::open::{self, Opened};
use super::{cases, merge, ours, outgoing, returned, school};

/// What a mail came to, for the log and for `once`: no names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// These cases were opened or added to.
    Cases(Vec<CaseRef>),
    /// It waits for a person.
    Listed(String),
    /// Handled without a person: a report, our own copy, an out-of-office.
    Quietly(&'static str),
}

/// Who says what a mail is, when it is not the mail itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treat {
    /// As it is classified.
    AsItIs,
    /// A person released it as a referral (`daymark release`).
    AsReferral,
    /// A person put it into [`TREAT_AS_REFERRAL`]: nobody waits for an answer, so what is wrong with it is listed.
    AsOrdered,
}

impl Treat {
    /// What a mail's folder says: an order lies in the folder for orders, also after a restart (M20).
    pub fn in_folder(folder: &str) -> Self {
        if folder == TREAT_AS_REFERRAL { Self::AsOrdered } else { Self::AsItIs }
    }
}

/// Why a mail waits that a person wants treated as a referral.
const NO_FORM_IN_IT: &str =
    "It is to be treated as a referral, but no form in it can be read: open the case by hand (daymark open).";

/// Handles one mail that was kept. Everything it changes is one transaction.
///
/// # Errors
/// The store's own; then the mail is still in hand, and the caller sets it aside.
pub fn handle(
    store: &mut Store,
    office: &Office,
    mailbox: &Mailbox,
    mail: MailId,
    treat: Treat,
    now: Now,
) -> Result<Came, StoreError> {
    let raw = store.read().raw(mail)?.ok_or(StoreError::NoSuchMail(mail.0))?;
    let received = (office.london)(store.read().mail(mail)?.received_at).today();
    let opened = open::mail(&raw, &office.forms).that_came(received);
    let mut kind = classified(&store.read(), office, &opened);
    let forms: Vec<usize> = (0..opened.referrals.len()).filter(|index| opened.referrals[*index].is_some()).collect();
    if treat != Treat::AsItIs && !forms.is_empty() && kind != Kind::OwnCopy {
        kind = Kind::Referral { forms, thread_case: None };
    }
    let answered = school::answered_letter(&store.read(), &opened, &kind);
    store.write(|tx| {
        let mut hand = Hand { tx, office, mailbox, mail, opened: &opened, received, now };
        // A code is proof of what it answers, whatever the folder says.
        if let Some(code) = &answered {
            return hand.returned(code);
        }
        match kind {
            Kind::Referral { forms, thread_case } => hand.referrals(&forms, thread_case.as_ref(), treat),
            Kind::Returned { code, .. } => hand.returned(&code),
            Kind::OwnCopy => hand.own_copy(),
            _ if treat == Treat::AsOrdered => hand.listed(NO_FORM_IN_IT, false),
            Kind::DeliveryReport => hand.delivery_report(),
            Kind::OutOfOffice => hand.quietly("out of office"),
            Kind::Automatic => hand.quietly("automatic"),
            Kind::Reply { case, .. } => {
                let case = merge::in_words(hand.tx, office, &case);
                hand.listed(&format!("an answer in {case} without a code"), false)
            }
            Kind::Listed { why, answer, .. } => hand.listed(&hand.reason(why), answer == MayAnswer::Yes),
        }
    })
}

/// What a kept mail is, as `daymark held` shows it again with its guesses.
pub fn classified(view: &View<'_>, office: &Office, opened: &Opened) -> Kind {
    with_own(view, office, |own| classify::classify(&opened.mail, &opened.contents, own))
}

/// Whether a mail is a copy of one of ours: such a mail is nobody's twin and no order.
pub fn is_own_copy(view: &View<'_>, office: &Office, mail: &InboundMail) -> bool {
    with_own(view, office, |own| classify::is_own_copy(mail, own))
}

/// What is known of our own mail and cases.
fn with_own<T>(view: &View<'_>, office: &Office, ask: impl FnOnce(&Own<'_>) -> T) -> T {
    let addresses = own_addresses(office);
    let issued = |mail: &InboundMail| {
        let is_check = mail.daymark_id.as_ref().is_some_and(|id| outgoing::is_check_id(view, id));
        is_check || ours::issued(view, mail).is_ok_and(|found| found.is_some())
    };
    let thread = |id: &str| {
        view.find(LookupKind::Thread, id).ok().and_then(|found| found.into_iter().next()).map(|(case, _)| case)
    };
    let reference = |text: &str| one_reference(view, text);
    let home = |case: &CaseRef| merge::road(view, office, case).ok().and_then(|road| road.home().cloned());
    let same = |one: &CaseRef, other: &CaseRef| one == other || (home(one).is_some() && home(one) == home(other));
    ask(&Own { addresses: &addresses, issued: &issued, thread: &thread, same: &same, reference: &reference })
}

/// A mail larger than is read: it is set aside, and its sender told that a person will look at it (M09). The answer is
/// in the outbox before the mail is set aside: stopped in between, both are done again, and the answer is not doubled.
///
/// # Errors
/// The store's own; then the mail is still in hand.
pub fn too_large(
    store: &mut Store,
    office: &Office,
    mailbox: &Mailbox,
    mail: MailId,
    now: Now,
) -> Result<String, StoreError> {
    let raw = store.read().raw(mail)?.ok_or(StoreError::NoSuchMail(mail.0))?;
    // The headers stand at its beginning; nothing else of it is looked at.
    let opened = Opened { mail: mime::read(&raw), contents: Vec::new(), referrals: Vec::new(), returned: Vec::new() };
    store.write(|tx| {
        Hand { tx, office, mailbox, mail, opened: &opened, received: now.today(), now }.answer_neutrally()
    })?;
    let limit = office.settings.largest_mail / (1024 * 1024);
    let why = format!("it is larger than {limit} MB and was not read: open it in the mailbox");
    store.set_aside(mail, &why, tray_of_the_waiting(mailbox))?;
    Ok(why)
}

/// Where mail goes that waits for a person: nowhere, in a mailbox that people work in.
pub fn tray_of_the_waiting(mailbox: &Mailbox) -> Option<Tray> {
    (mailbox.inbox == Inbox::Dedicated).then_some(Tray::ForAPerson)
}

/// What a mail that waits for a person may be, likeliest first.
pub fn guesses(view: &View<'_>, office: &Office, opened: &Opened) -> Vec<Guess> {
    match classified(view, office, opened) {
        Kind::Listed { guesses, .. } | Kind::Reply { guesses, .. } => {
            let by_code = school::guess(view, &opened.mail);
            let others =
                guesses.into_iter().filter(|guess| by_code.as_ref().is_none_or(|known| known.as_ != guess.as_));
            by_code.iter().cloned().chain(others).collect()
        }
        Kind::Returned { code, .. } => returned::guesses(view, &code),
        _ => Vec::new(),
    }
}

/// The addresses of the watched mailboxes, lower case.
pub fn own_addresses(office: &Office) -> Vec<String> {
    office.settings.mailboxes.iter().map(|mailbox| mailbox.address.to_lowercase()).collect()
}

/// The case named in a text, when exactly one is.
fn one_reference(view: &View<'_>, text: &str) -> Option<CaseRef> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').map(str::to_uppercase);
    let mut found: Vec<CaseRef> =
        words.map(CaseRef::new).filter(|word| word.as_str().contains('-') && view.case(word).is_ok()).collect();
    found.dedup();
    (found.len() == 1).then(|| found.remove(0))
}

/// One mail in hand, within the transaction that records what it changes.
pub(super) struct Hand<'a, 'tx> {
    pub(super) tx: &'a mut Tx<'tx>,
    pub(super) office: &'a Office,
    pub(super) mailbox: &'a Mailbox,
    pub(super) mail: MailId,
    pub(super) opened: &'a Opened,
    /// The day it came to lie in the mailbox, in London: after an outage that is not today (M06).
    pub(super) received: NaiveDate,
    pub(super) now: Now,
}

impl Hand<'_, '_> {
    fn referrals(&mut self, forms: &[usize], thread: Option<&CaseRef>, treat: Treat) -> Result<Came, StoreError> {
        let mut touched = Vec::new();
        let mut nothing_new = true;
        for index in forms {
            let Some((referral, problems)) = self.opened.referrals.get(*index).and_then(Option::as_ref) else {
                continue;
            };
            let (cases, again) = self.referral(referral, problems, thread)?;
            touched.extend(cases);
            nothing_new &= again;
        }
        let why = match treat {
            Treat::AsReferral | Treat::AsOrdered => Some("released as a referral by a person"),
            Treat::AsItIs if nothing_new => Some("the same form again"),
            Treat::AsItIs => None,
        };
        if nothing_new {
            self.answer_neutrally()?;
        }
        let end = Settlement { state: MailState::Handled, why, cases: &touched, file_to: Some(Tray::Processed) };
        self.tx.settle(self.mail, &end)?;
        Ok(Came::Cases(touched))
    }

    /// One form: it amends the case it belongs to, also one that was merged, or opens one. The cases it was recorded in,
    /// and whether it says nothing but what is known.
    fn referral(
        &mut self,
        referral: &Referral,
        problems: &[Problem],
        thread: Option<&CaseRef>,
    ) -> Result<(Vec<CaseRef>, bool), StoreError> {
        let same = same_children(self.tx, referral)?;
        let answer =
            classify::answer_to(&self.opened.mail, &own_addresses(self.office), referral.referrer.email.as_deref());
        let mut form = FormReceived {
            referral: referral.clone(),
            children: Vec::new(),
            problems: problems.iter().map(|p| (p.field.clone(), p.message.clone(), p.advice.clone())).collect(),
            answer,
            in_reply_to: self.opened.mail.message_id.clone(),
            received: self.received,
            may_be: Vec::new(),
        };
        for candidate in thread.into_iter().chain(&same) {
            let road = merge::road(self.tx, self.office, candidate)?;
            let Some(home) = road.home() else { continue };
            // What another mailbox holds is proposed, and never added to: other people answer for it.
            if self.tx.case(home)?.mailbox != self.mailbox.id
                || cases::load_again(self.tx, self.office, home)?.case.is_closed()
            {
                continue;
            }
            let case = cases::load(self.tx, self.office, candidate)?.case;
            if amends(&case, referral, thread == Some(candidate)) {
                let event = decide::amended(&case, form);
                let nothing_new = decide::says_nothing_new(&case, &event);
                if !nothing_new {
                    merge::append_along(self.tx, self.office, candidate, self.now, "daymark", &event)?;
                }
                self.remember(candidate, &event)?;
                return Ok((road.cases, nothing_new));
            }
        }
        form.may_be = merge::may_be(self.tx, self.office, &same, referral)?;
        form.children = (1u16..).map(ChildId).take(referral.children.len()).collect();
        let case = open_case(self.tx, self.office, self.mailbox, self.now)?;
        let event = CaseEvent::ReferralReceived(Box::new(form));
        cases::append(self.tx, &case, self.now, "daymark", &event)?;
        self.remember(&case, &event)?;
        Ok((vec![case], false))
    }

    /// Makes the case findable by its children and by its correspondence.
    fn remember(&mut self, case: &CaseRef, event: &CaseEvent) -> Result<(), StoreError> {
        let (CaseEvent::ReferralReceived(form) | CaseEvent::ReferralAmended(form, _)) = event else { return Ok(()) };
        for (kind, value, index) in lookups(&form.referral) {
            self.tx.add_lookup(kind, &value, case, form.children.get(index).copied())?;
        }
        if let Some(id) = &self.opened.mail.message_id {
            self.tx.add_lookup(LookupKind::Thread, id, case, None)?;
        }
        Ok(())
    }

    /// Handled, and left where it lies: in a mailbox that people work in, Daymark moves only what is surely its own.
    pub(super) fn quietly(&mut self, why: &'static str) -> Result<Came, StoreError> {
        let file_to = (self.mailbox.inbox == Inbox::Dedicated).then_some(Tray::Processed);
        self.tx.settle(self.mail, &Settlement { state: MailState::Handled, why: Some(why), cases: &[], file_to })?;
        Ok(Came::Quietly(why))
    }

    fn reason(&self, why: ListedWhy) -> String {
        let unreadable = self.opened.contents.iter().find_map(|reading| match reading {
            classify::AttachmentReading::Unreadable(reason) => Some(reason.as_str()),
            _ => None,
        });
        match (why, unreadable) {
            (ListedWhy::Unreadable, Some(reason)) => format!("{} {reason}", why.as_str()),
            _ => why.as_str(),
        }
    }

    /// Left where it lies, or filed where people look in a mailbox of Daymark's own, and shown to a person; its sender gets "received, a person will look", once a day.
    pub(super) fn listed(&mut self, why: &str, answer: bool) -> Result<Came, StoreError> {
        let file_to = tray_of_the_waiting(self.mailbox);
        self.tx.settle(self.mail, &Settlement { state: MailState::Listed, why: Some(why), cases: &[], file_to })?;
        if answer {
            self.answer_neutrally()?;
        }
        Ok(Came::Listed(why.to_owned()))
    }

    /// "Received, a person will look", once a day to one sender.
    fn answer_neutrally(&mut self) -> Result<(), StoreError> {
        let answer = classify::answer_to(&self.opened.mail, &own_addresses(self.office), None);
        let (classify::Answer::Neutral(to) | classify::Answer::WithReference(to)) = answer else { return Ok(()) };
        if self.tx.may_answer(&to, self.now.today())? {
            outgoing::neutral(self.tx, self.mailbox, &to, self.mail, &self.opened.mail, self.now)?;
        }
        Ok(())
    }
}

/// Opens a case under the mailbox's procedure as it stands today.
pub fn open_case(tx: &mut Tx<'_>, office: &Office, mailbox: &Mailbox, now: Now) -> Result<CaseRef, StoreError> {
    let procedure = office
        .procedures
        .get(&mailbox.procedure)
        .ok_or(StoreError::Misuse("a mailbox whose procedure was not loaded"))?;
    tx.open_case(&NewCase {
        prefix: &mailbox.reference_prefix,
        year: chrono::Datelike::year(&now.today()),
        mailbox: &MailboxId::new(mailbox.id.as_str()),
        opened_at: now.at,
        procedure,
        mode: office.settings.mode,
    })
}

/// Cases of any mailbox that have one of these children: by NHS number, or by name and birth date.
pub(super) fn same_children(view: &View<'_>, referral: &Referral) -> Result<Vec<CaseRef>, StoreError> {
    let mut found = Vec::new();
    let of_a_child = |kind: &LookupKind| *kind != LookupKind::Incident;
    for (kind, value, _) in lookups(referral).into_iter().filter(|(kind, ..)| of_a_child(kind)) {
        for (case, _) in view.find(kind, &value)? {
            let row = view.case(&case)?;
            if row.destroyed_at.is_none() && !found.contains(&case) {
                found.push(case);
            }
        }
    }
    Ok(found)
}

/// What a referral can be found by: kind, value, and the index of the child.
pub fn lookups(referral: &Referral) -> Vec<(LookupKind, String, usize)> {
    let mut all = Vec::new();
    for (index, child) in referral.children.iter().enumerate() {
        if let Some(number) = &child.nhs_number {
            all.push((LookupKind::NhsNumber, number.reveal().clone(), index));
        }
        if let (Some(name), Some(born)) = (&child.name, &child.date_of_birth) {
            all.push((LookupKind::ChildAndBirth, format!("{}|{}", folded(name.reveal()), born.reveal()), index));
        }
    }
    let of_the_incident = same_incident::keys(referral).into_iter();
    all.extend(of_the_incident.map(|(index, key)| (LookupKind::Incident, key, index)));
    all
}

/// Whether a form amends an open case: the same referrer about the same children and, as far as the forms say, the same
/// incident. What came with a merged case is none of the case's own. Another referrer's form is proposed as the same case and never merged; so is a later incident.
fn amends(case: &Case, referral: &Referral, in_thread: bool) -> bool {
    let Some(old) = case.merges.own() else { return false };
    let same_child = referral.children.iter().any(|new| {
        case.merges.own_children().values().any(|form| {
            (new.nhs_number.is_some() && new.nhs_number == form.nhs_number)
                || (new.date_of_birth.is_some() && new.date_of_birth == form.date_of_birth)
                || (new.name.is_some() && new.name == form.name)
        })
    });
    let email = |referral: &Referral| referral.referrer.email.as_ref().map(|email| email.to_lowercase());
    let same_referrer = in_thread || (email(old).is_some() && email(old) == email(referral));
    let incident = |referral: &Referral| referral.children.iter().filter_map(|child| child.date_of_incident).min();
    let same_time = match (incident(old), incident(referral)) {
        (Some(old), Some(new)) => (old - new).num_days().abs() <= 31,
        _ => true,
    };
    same_child && same_referrer && same_time
}
