//! [`Anchor`]: the moments clocks count from and messages wait for, in one table: name, words, and what a person records
//! to tell of it. What follows from several facts (the incident, the returns, a decision) is in `core::moments`.

use super::named::named;
use super::record::Record;

/// A record that tells of a moment: a kind, and what a field of it must say.
#[derive(Clone, Copy, Debug)]
pub struct Telling {
    /// The kind of record.
    kind: &'static str,
    /// The field that matters, and the words that tell of this moment.
    having: Option<(&'static str, &'static [&'static str])>,
}

impl Telling {
    /// Whether this record is one.
    fn fits(&self, record: &Record) -> bool {
        let says = |(field, words): (&str, &[&str])| record.field(field).is_some_and(|word| words.contains(&word));
        record.kind == self.kind && self.having.is_none_or(says)
    }
}

const fn of(kind: &'static str) -> Telling {
    Telling { kind, having: None }
}

const fn with(kind: &'static str, field: &'static str, words: &'static [&'static str]) -> Telling {
    Telling { kind, having: Some((field, words)) }
}

/// A table of [`named`] moments with, in a last column, the records that tell of each.
macro_rules! anchors {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $words:literal, [$($telling:expr),*];)*) => {
        named! {
            /// A moment clocks count from, and messages wait for. Each is a fact of the case with a date.
            Anchor { $($(#[$doc])* $variant, $name, $words;)* }
        }

        impl Anchor {
            fn told_by(self) -> &'static [Telling] {
                match self { $(Self::$variant => const { &[$($telling),*] },)* }
            }
        }
    };
}

anchors! {
    /// The referral reached the mailbox (or the case was opened by hand).
    Received, "received", "the day the referral reached us", [];
    /// The date written on the form.
    Submitted, "submitted", "the date on the form", [];
    /// The incident or death (earliest over the children).
    Incident, "incident", "the day of the incident", [];
    /// The local authority became aware, as a named person entered it.
    LaAware, "la-aware", "the day the authority became aware", [of("la-aware")];
    /// A looked-after child has died of whom something else was known before: of several the last.
    LaterLookedAfterDeath, "later-looked-after-death", "the later death of a looked-after child", [];
    /// A named person judged whether the harm is serious.
    SeriousnessJudged, "seriousness-judged", "the judgement of seriousness", [of("seriousness-judged")];
    /// Somebody was asked for advice.
    Consulted, "consulted", "the advice that was taken", [of("consulted")];
    /// The safeguarding partners spoke about whether to notify.
    PartnersConsulted, "partners-consulted", "the partners' dialogue", [of("partners-consulted")];
    /// It was decided to notify.
    NotificationDecided, "notification-decided", "the decision to notify", [];
    /// It was decided not to notify.
    NotNotified, "not-notified", "the decision not to notify", [];
    /// It was decided whether to notify, either way, for the first time.
    CriteriaDecided, "criteria-decided", "the decision whether the criteria are met", [];
    /// The notification was withdrawn.
    NotificationWithdrawn, "notification-withdrawn", "the withdrawal of the notification",
        [of("notification-withdrawn")];
    /// The national Panel was notified.
    PanelNotified, "panel-notified", "the notification to the Panel", [of("panel-notified")];
    /// It was decided whether to notify again, after harm had become death.
    RenotificationDecided, "renotification-decided", "the decision whether to notify again",
        [of("renotification-decided")];
    /// Our note to the partnership was accepted, or a person recorded that it was told.
    PartnershipInformed, "partnership-informed", "the day the partnership was told",
        [with("body-informed", "body", &["partnership"])];
    /// The safeguarding partners were told.
    PartnersInformed, "partners-informed", "the day the safeguarding partners were told",
        [with("body-informed", "body", &["partners"])];
    /// Ofsted was told.
    OfstedInformed, "ofsted-informed", "the day Ofsted was told", [with("body-informed", "body", &["ofsted"])];
    /// The Department for Education was told.
    DfeInformed, "dfe-informed", "the day the Department for Education was told",
        [with("body-informed", "body", &["dfe"])];
    /// The Secretary of State was told.
    SecretaryOfStateInformed, "secretary-of-state-informed", "the day the Secretary of State was told",
        [with("body-informed", "body", &["secretary-of-state"])];
    /// The child death overview panel was told.
    CdopInformed, "cdop-informed", "the day the child death overview panel was told",
        [with("body-informed", "body", &["cdop"])];
    /// The members of the board were told.
    BoardInformed, "board-informed", "the day the board was told", [with("body-informed", "body", &["board"])];
    /// The partnership of the child's home area was told.
    HomePartnershipInformed, "home-partnership-informed", "the day the home area's partnership was told",
        [with("body-informed", "body", &["home-partnership"])];
    /// The team that holds the child's case was told.
    CaseHoldersInformed, "case-holders-informed", "the day the case-holding team was told",
        [with("body-informed", "body", &["case-holders"])];
    /// The staff who work or worked with the child were told, and of the support there is.
    StaffInformed, "staff-informed", "the day the staff were told", [with("body-informed", "body", &["staff"])];
    /// The request for chronologies went out (first agency).
    RequestSent, "request-sent", "the request to the agencies", [];
    /// Every agency asked has answered.
    ReturnsComplete, "returns-complete", "the last agency's return", [];
    /// The first letter to a school that is still open was accepted (of all letters, when none is open).
    LettersSent, "letters-sent", "the letters to the schools", [];
    /// Every letter to a school was answered in full: a, b and c.
    SchoolsReplied, "schools-replied", "the last school's answer", [];
    /// The partners' conference call, on the day it is set for.
    Call, "call", "the partners' call", [];
    /// The conference call was arranged.
    CallSet, "call-set", "the day the partners' call was arranged", [];
    /// The conference call was held.
    CallHeld, "call-held", "the partners' call", [with("meeting-held", "kind", &["call"])];
    /// The information gathering meeting, on the day it is set for.
    InformationMeeting, "information-meeting", "the information gathering meeting", [];
    /// The information gathering meeting was arranged.
    InformationMeetingSet, "information-meeting-set", "the day the information gathering meeting was arranged", [];
    /// The information gathering meeting was held.
    InformationMeetingHeld, "information-meeting-held", "the information gathering meeting",
        [with("meeting-held", "kind", &["information"])];
    /// The rapid review meeting, on the day it is set for.
    ReviewMeeting, "review-meeting", "the rapid review meeting", [];
    /// The rapid review meeting was arranged.
    ReviewMeetingSet, "review-meeting-set", "the day the rapid review meeting was arranged", [];
    /// The rapid review meeting was held.
    ReviewMeetingHeld, "review-meeting-held", "the rapid review meeting",
        [with("meeting-held", "kind", &["rapid-review"])];
    /// The case review group, on the day it is set for.
    Crg, "crg", "the case review group", [];
    /// It was settled that the case review group takes the case.
    CrgSet, "crg-set", "the day the case review group was chosen", [];
    /// The case review group met.
    CrgHeld, "crg-held", "the case review group", [with("meeting-held", "kind", &["crg"])];
    /// The rapid review decision was made.
    DecisionMade, "decision-made", "the rapid review decision", [of("decision-made")];
    /// The rapid review decided on a local review.
    LocalReviewDecided, "local-review-decided", "the decision to hold a local review",
        [with("decision-made", "outcome", &["local-review", "both"])];
    /// The rapid review decided that others are to learn from the case in another way.
    LearningReviewDecided, "learning-review-decided", "the decision to learn in another way",
        [with("decision-made", "outcome", &["learning", "audit"])];
    /// The rapid review decided that no review follows.
    NoReviewDecided, "no-review-decided", "the decision to hold no review",
        [with("decision-made", "outcome", &["no-review", "nothing"])];
    /// The rapid review and decision went to the Panel.
    ReviewSubmitted, "review-submitted", "the submission to the Panel", [of("review-submitted")];
    /// The Panel replied.
    PanelReplied, "panel-replied", "the Panel's reply", [of("panel-replied")];
    /// The Panel asked for further information or clarification.
    PanelAsked, "panel-asked", "the Panel's request for clarification", [with("panel-replied", "agrees", &["asks"])];
    /// A lead reviewer was commissioned.
    ReviewCommissioned, "review-commissioned", "the commissioning of the review", [of("review-commissioned")];
    /// A local review was published.
    ReviewPublished, "review-published", "the publication of the review", [of("review-published")];
    /// A learning activity was chosen.
    LearningDecided, "learning-decided", "the choice of a learning activity", [of("learning-decided")];
    /// The social care record was checked to be up to date.
    SocialCareRecordChecked, "social-care-record-checked", "the check of the social care record",
        [with("record-checked", "which", &["social-care"])];
    /// The education record was checked to be up to date.
    EducationRecordChecked, "education-record-checked", "the check of the education record",
        [with("record-checked", "which", &["education"])];
    /// The health provider reported its own serious incident.
    NhsIncidentReported, "nhs-incident-reported", "the health provider's own report", [of("nhs-incident-reported")];
    /// The provider's 72-hour report came.
    NhsReport72, "nhs-72-hour-report", "the provider's 72-hour report", [with("nhs-report-received", "which", &["72-hour"])];
    /// The provider's 30-day report came.
    NhsReport30, "nhs-30-day-report", "the provider's 30-day report", [with("nhs-report-received", "which", &["30-day"])];
    /// The provider's 60-day report came.
    NhsReport60, "nhs-60-day-report", "the provider's 60-day report", [with("nhs-report-received", "which", &["60-day"])];
    /// The case was closed.
    Closed, "closed", "the day the case was closed", [of("closed")];
}

impl Anchor {
    /// The moments a record tells of: a decision for a local review is two.
    pub fn told(record: &Record) -> impl Iterator<Item = Self> + '_ {
        Self::ALL.iter().copied().filter(|anchor| anchor.told_by().iter().any(|telling| telling.fits(record)))
    }

    /// Whether it is a moment of the rapid review decision.
    pub const fn is_a_decision(self) -> bool {
        matches!(
            self,
            Self::DecisionMade | Self::LocalReviewDecided | Self::LearningReviewDecided | Self::NoReviewDecided
        )
    }

    /// The kinds of meeting.
    pub const MEETINGS: [&str; 4] = ["call", "information", "rapid-review", "crg"];

    /// The kind of meeting whose arranging this moment is.
    pub fn meeting_that_is_set(anchor: Self) -> Option<&'static str> {
        Self::MEETINGS.into_iter().find(|kind| Self::of_meeting(kind).is_some_and(|[_, set, _]| set == anchor))
    }

    /// The three moments of a kind of meeting (`call`, `information`, `rapid-review`, `crg`): the day it is set for, the day
    /// it was arranged, and that it was held.
    pub fn of_meeting(kind: &str) -> Option<[Self; 3]> {
        match kind {
            "call" => Some([Self::Call, Self::CallSet, Self::CallHeld]),
            "information" => {
                Some([Self::InformationMeeting, Self::InformationMeetingSet, Self::InformationMeetingHeld])
            }
            "rapid-review" => Some([Self::ReviewMeeting, Self::ReviewMeetingSet, Self::ReviewMeetingHeld]),
            "crg" => Some([Self::Crg, Self::CrgSet, Self::CrgHeld]),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::record::{self, Values};

    #[test]
    fn each_name_is_one_moment() {
        for anchor in Anchor::ALL {
            assert_eq!(Anchor::from_name(anchor.as_str()), Some(*anchor));
        }
    }

    #[test]
    fn what_tells_of_a_moment_can_be_recorded() {
        for telling in Anchor::ALL.iter().flat_map(|anchor| anchor.told_by()) {
            let kind = record::find(telling.kind).unwrap_or_else(|| panic!("{} cannot be recorded", telling.kind));
            let Some((field, words)) = telling.having else { continue };
            let field = kind.fields.iter().find(|known| known.name == field).expect("a field of it");
            let Values::OneOf(known) = field.values else { panic!("{} is free text", field.name) };
            assert!(words.iter().all(|word| known.contains(word)), "{words:?} of {known:?}");
        }
    }
}
