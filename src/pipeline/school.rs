//! A school answers our letter: in the document itself, or in the words of a mail that bears its code. The code is the
//! proof of where it belongs; who sent it, and by which road, proves nothing (DESIGN invariant 3).

use crate::codec::return_code;
use crate::core::classify::{As, AttachmentReading, Guess, Kind, ListedWhy};
use crate::core::event::CaseEvent;
use crate::core::ids::{CaseRef, ChildId};
use crate::core::inbound::{FileKind, InboundMail};
use crate::core::school::SchoolAnswers;
use crate::core::school_reply;
use crate::store::{MailState, Settlement, StoreError, Tray, View};

use super::handle::{Came, Hand};
use super::open::Opened;
use super::returned::AS_US;
use super::{codes, merge};

/// The code of the letter that a mail answers in its own words: it stands in them, or in what they quote. A mail that
/// names two letters there answers neither surely.
pub fn code_in_words(mail: &InboundMail) -> Option<String> {
    let text = mail.text.reveal();
    let only = |text: &str| match return_code::all_in_text(text).as_slice() {
        [one] => Some(one.as_str().to_owned()),
        _ => None,
    };
    only(&school_reply::own_words(text)).or_else(|| only(text))
}

/// The code of a letter that a mail of this kind answers in its own words, if it is one that may: a person's mail that
/// brings nothing else which somebody should see.
pub fn answered_letter(view: &View<'_>, opened: &Opened, kind: &Kind) -> Option<String> {
    let may_answer = match kind {
        Kind::Reply { .. } => true,
        Kind::Listed { why, .. } => matches!(why, ListedWhy::NoForm | ListedWhy::ClaimsToBeUs),
        _ => false,
    };
    let is_picture = |reading: &AttachmentReading| {
        matches!(reading, AttachmentReading::Ignored | AttachmentReading::NotWord(FileKind::Image))
    };
    let brings_nothing = opened.mail.cut.is_none() && opened.contents.iter().all(is_picture);
    let code = code_in_words(&opened.mail).filter(|_| may_answer && brings_nothing)?;
    let row = view.find_code(&code).ok().flatten()?;
    codes::letter(&row.about).map(|_| code)
}

/// What a mail that waits may be when its words bear the code of a letter.
pub fn guess(view: &View<'_>, mail: &InboundMail) -> Option<Guess> {
    let row = view.find_code(&code_in_words(mail)?).ok().flatten()?;
    Some(Guess { as_: As::Reply(row.case), because: "its text bears the code of a document of this case" })
}

impl Hand<'_, '_> {
    /// A letter to a school came back, or a mail answers it.
    pub(super) fn school_replied(
        &mut self,
        code: &str,
        case: CaseRef,
        (child, school): (ChildId, String),
    ) -> Result<Came, StoreError> {
        let answers = school_reply::dated(all_answers(self.opened, code), self.received);
        if answers.is_empty() {
            let came = match self.opened.returned.iter().flatten().next() {
                Some(_) => "came back without anything filled in",
                None => "was answered by a mail without a, b or c",
            };
            let case = merge::in_words(self.tx, self.office, &case);
            let why = format!(
                "the letter about {child} {came}, in {case}: read the mail, and record what the school said (school-answered)"
            );
            return self.listed(&why, false);
        }
        let is_first = self.tx.use_code(code, self.now.at)?;
        let by = self.sent_by();
        let event = CaseEvent::SchoolReplied { child, school, on: self.received, answers };
        merge::append_along(self.tx, self.office, &case, self.now, by, &event)?;
        let road = merge::road(self.tx, self.office, &case)?;
        let why = if is_first { "a school answered" } else { "a school answered again" };
        let as_us = if by == AS_US { ", sent as this mailbox" } else { "" };
        let end = Settlement {
            state: MailState::Handled,
            why: Some(&format!("{why}{as_us}")),
            cases: &road.cases,
            file_to: Some(Tray::Processed),
        };
        self.tx.settle(self.mail, &end)?;
        Ok(Came::Cases(road.cases))
    }
}

/// What the documents of a mail answer, and what its words add to that, unless those are about another letter.
fn all_answers(opened: &Opened, code: &str) -> SchoolAnswers {
    let is_other = code_in_words(&opened.mail).is_some_and(|other| other != code);
    let in_words = if is_other { SchoolAnswers::default() } else { school_reply::in_text(opened.mail.text.reveal()) };
    opened.returned.iter().flatten().fold(in_words, |sofar, document| sofar.with(document.answers.clone()))
}
