//! [`CaseEvent`]: everything that can happen to a case. A case is the replay of these (DESIGN section 2, "record").

use chrono::NaiveDate;

use super::classify::Answer;
use super::ids::{CaseRef, ChildId, ProcedureId, RuleId, TemplateId};
use super::merge::{Brought, Merged};
use super::now::Now;
use super::procedure::Anchor;
use super::record::Record;
use super::referral::Referral;
use super::school::SchoolAnswers;

/// One row of a case's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Number in the whole log.
    pub seq: i64,
    /// When it was written.
    pub at: Now,
    /// Who: a named person, or `daymark`.
    pub by: String,
    /// What.
    pub event: CaseEvent,
}

/// A form that opened or amended a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormReceived {
    /// What it says.
    pub referral: Referral,
    /// For each child on the form, which child of the case it is.
    pub children: Vec<ChildId>,
    /// What a person should look at: field, message, advice.
    pub problems: Vec<(String, String, String)>,
    /// How its sender may be answered.
    pub answer: Answer,
    /// The `Message-ID` to answer to.
    pub in_reply_to: Option<String>,
    /// The day it reached the mailbox.
    pub received: NaiveDate,
    /// References of other open cases that may be the same incident: proposed, never merged.
    pub may_be: Vec<String>,
}

/// The date of one clock before and after something that moved it; `None` where it had or has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The clock.
    pub rule: RuleId,
    /// The old date.
    pub from: Option<NaiveDate>,
    /// The new date.
    pub to: Option<NaiveDate>,
}

/// A case was put under another text of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// The procedure it followed.
    pub from: ProcedureId,
    /// The procedure it follows from here on.
    pub to: ProcedureId,
    /// SHA-256 (hex) of the old text.
    pub from_text: String,
    /// SHA-256 (hex) of the new text.
    pub to_text: String,
    /// Why, when the person said so.
    pub because: Option<String>,
    /// The dates it changed.
    pub moves: Vec<Move>,
    /// Messages of the new text whose moment lay in the past already, by rule and template: they are never sent.
    pub unsent: Vec<(RuleId, TemplateId)>,
}

/// Everything that can happen to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseEvent {
    /// A form opened the case.
    ReferralReceived(Box<FormReceived>),
    /// A corrected form arrived: the fields it changed, by name.
    ReferralAmended(Box<FormReceived>, Vec<String>),
    /// A person opened it without a form (telephone first). With a day, nothing is sent for what lies before that day:
    /// the case was running before Daymark. Last, the cases that it may be the same incident as.
    Opened(Box<Referral>, Option<NaiveDate>, Vec<String>),
    /// A person recorded a fact.
    Recorded(Record),
    /// A person corrected an earlier entry.
    Corrected {
        /// The entry.
        event: i64,
        /// Field and new value; `on` is the day.
        changes: Vec<(String, String)>,
        /// Why.
        because: String,
    },
    /// Our note to the partnership was accepted by its mail server.
    PartnershipInformed {
        /// The day.
        on: NaiveDate,
    },
    /// Another mail of ours that tells a body of the case was accepted by its mail server.
    Informed {
        /// What has happened by that: `board-informed`.
        what: Anchor,
        /// The day.
        on: NaiveDate,
    },
    /// A request for a chronology was accepted.
    RequestSent {
        /// The agency, as in `contacts.toml`.
        agency: String,
        /// The day.
        on: NaiveDate,
    },
    /// A chronology came back.
    ReturnReceived {
        /// The agency.
        agency: String,
        /// The day.
        on: NaiveDate,
    },
    /// A letter to a school was accepted by its mail server.
    LetterSent {
        /// The child it is about.
        child: ChildId,
        /// The school, as recorded.
        school: String,
        /// The day.
        on: NaiveDate,
    },
    /// A school answered our letter, in full or in part.
    SchoolReplied {
        /// The child it is about.
        child: ChildId,
        /// The school, as recorded.
        school: String,
        /// The day.
        on: NaiveDate,
        /// What it says.
        answers: SchoolAnswers,
    },
    /// A named person approved a message for its exact text.
    Approved {
        /// The message.
        message: i64,
        /// What it is.
        template: TemplateId,
        /// SHA-256 (hex) of the text that was approved.
        text_hash: String,
    },
    /// A named person struck a recipient out.
    StruckOut {
        /// The message.
        message: i64,
        /// The address that gets nothing.
        address: String,
        /// Why.
        because: String,
    },
    /// A mail of ours could not be delivered.
    DeliveryFailed {
        /// The message.
        message: i64,
        /// The recipient.
        address: String,
        /// The server's words.
        why: String,
    },
    /// Another case was merged into this one: what its forms say, and what was said for it already.
    MergedFrom(Box<Merged>),
    /// An entry of a case that was merged into this one: a fact that came along, or what came for it since.
    Brought(Box<Brought>),
    /// A wrong merge was taken back: what came of these cases no longer counts here.
    MergeUndone {
        /// The case that was taken out, and those that had been merged into it before.
        cases: Vec<CaseRef>,
        /// Why.
        because: String,
    },
    /// A bank holiday was proclaimed or moved, and dates of the case moved with it.
    CalendarChanged {
        /// Days that are new, with their titles.
        added: Vec<(NaiveDate, String)>,
        /// Days that are working days again.
        taken_out: Vec<(NaiveDate, String)>,
        /// The dates that moved.
        moves: Vec<Move>,
        /// Why a person took a day out of the list.
        because: Option<String>,
    },
    /// A named person put the case under another text of a procedure.
    ProcedureAdopted(Box<Adopted>),
}

impl CaseEvent {
    /// The kind's name in the log, in JSON and in `daymark events`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ReferralReceived(_) => "referral-received",
            Self::ReferralAmended(..) => "referral-amended",
            Self::Opened(..) => "opened",
            Self::Recorded(record) => record.kind,
            Self::Corrected { .. } => "corrected",
            Self::PartnershipInformed { .. } => "partnership-informed",
            Self::Informed { .. } => "informed",
            Self::RequestSent { .. } => "request-sent",
            Self::ReturnReceived { .. } => "return-received",
            Self::LetterSent { .. } => "letter-sent",
            Self::SchoolReplied { .. } => "school-replied",
            Self::Approved { .. } => "approved",
            Self::StruckOut { .. } => "struck-out",
            Self::DeliveryFailed { .. } => "delivery-failed",
            Self::MergedFrom(_) => "merged-from",
            Self::Brought(_) => "brought",
            Self::MergeUndone { .. } => "merge-undone",
            Self::CalendarChanged { .. } => "calendar-changed",
            Self::ProcedureAdopted(_) => "procedure-adopted",
        }
    }

    /// The dates this event moved.
    pub fn moves(&self) -> &[Move] {
        match self {
            Self::CalendarChanged { moves, .. } => moves,
            Self::ProcedureAdopted(adopted) => &adopted.moves,
            _ => &[],
        }
    }

    /// The kinds that Daymark records itself, or other commands than `record` do, with their meaning.
    pub const BY_DAYMARK: &[(&'static str, &'static str)] = &[
        ("referral-received", "A form opened the case."),
        ("referral-amended", "A corrected form arrived; the difference is recorded."),
        ("opened", "A person opened the case without a form (`daymark open`)."),
        ("partnership-informed", "Our note to the partnership was accepted."),
        ("informed", "Our mail to another body was accepted: the board, the partners, the case-holding team …"),
        ("request-sent", "A request for a chronology was accepted."),
        ("return-received", "A chronology came back."),
        ("letter-sent", "A letter to a school was accepted."),
        ("school-replied", "A school answered our letter, in full or in part."),
        ("approved", "A named person approved a message (`daymark approve`)."),
        ("struck-out", "A named person struck a recipient out (`daymark approve --strike`)."),
        ("delivery-failed", "A mail of ours could not be delivered."),
        ("merged-from", "Another case was merged into this one (`merged-into` on that one)."),
        ("brought", "An entry of a case that was merged into this one, or what came for it."),
        ("merge-undone", "A merge was taken back (`reopened` on the case that was merged)."),
        ("calendar-changed", "A bank holiday moved dates of the case (`daymark holidays`)."),
        ("procedure-adopted", "A named person put the case under another text (`daymark procedure adopt`)."),
    ];
}
