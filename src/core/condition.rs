//! [`Condition`]: what must be so in a case for a rule to stand, beside its kind. Facts that nobody has recorded are not
//! so: a rule for the death of a looked-after child begins when both are known.

use chrono::Datelike;

use super::case::{Case, CaseChild};
use super::named::named;
use super::procedure::Anchor;
use super::record::Record;

named! {
    /// Something that is so in a case, or is not (or is not known). Its words follow an "if".
    Condition {
        /// A child died.
        Death, "death", "a child has died";
        /// Somebody died who was under eighteen, or whose age is not known and who was no care leaver.
        ChildDeath, "child-death", "a child under eighteen has died";
        /// A child is expected to die in the following days.
        ExpectedToDie, "expected-to-die", "a child is expected to die in the following days";
        /// A looked-after child died, whatever the cause.
        LookedAfterDeath, "looked-after-death", "a looked-after child has died";
        /// A care leaver died, whatever the cause.
        CareLeaverDeath, "care-leaver-death", "a care leaver has died";
        /// Abuse or neglect is known or suspected.
        AbuseOrNeglect, "abuse-or-neglect", "abuse or neglect is known or suspected";
        /// Somebody recorded that abuse or neglect is not known and not suspected.
        NoAbuse, "no-abuse", "abuse or neglect is neither known nor suspected";
        /// The harm was judged serious.
        Serious, "serious", "the harm was judged to be serious";
        /// It happened outside England.
        OutsideEngland, "outside-england", "it happened outside England";
        /// The child's home authority is another one.
        HomeElsewhere, "home-elsewhere", "the child’s home authority is another one";
        /// The family is known to social care, and there was a suicide or an unexplained death.
        KnownFamilyUnexplained, "known-family-unexplained",
            "the family is known to social care and there was a suicide or an unexplained death";
        /// The health provider treats it as a serious incident of its own.
        NhsIncident, "nhs-incident", "it is a serious incident of a health provider too";
        /// It was decided not to notify.
        CriteriaNotMet, "criteria-not-met", "it was decided that the criteria are not met";
        /// The notification was withdrawn.
        Withdrawn, "withdrawn", "the notification was withdrawn";
        /// It was decided not to notify, and that others are to learn from the case.
        LearningFollows, "learning-follows", "it was decided that the criteria are not met, and that there is learning to be gained";
        /// It was decided to notify after it had been decided not to, and a meeting had looked at what had come in meanwhile
        /// (R003-15). A change of mind without one is none.
        LateFinding, "late-finding", "a meeting found the criteria to be met, after a first finding that they were not";
        /// The notification said harm, and the child has died since.
        HarmBecameDeath, "harm-became-death", "a child has died after the Panel was told of harm";
        /// The authority learnt of it in retrospect.
        Retrospective, "retrospective", "the authority learnt of it in retrospect";
    }
}

impl Condition {
    /// Whether it is so in this case, by what is known.
    pub fn holds(self, case: &Case) -> bool {
        let fact = |name: &str, words: &[&str]| case.facts.get(name).is_some_and(|fact| words.contains(&fact.as_str()));
        match self {
            Self::Death => case.children.iter().any(|child| case.died(child)),
            Self::ChildDeath => case
                .children
                .iter()
                .any(|child| case.died(child) && age_at_incident(child).map_or(!child.care_leaver(), |age| age < 18)),
            Self::ExpectedToDie => case.children.iter().any(|child| case.outcome(child) == Some("expected-to-die")),
            Self::LookedAfterDeath => case.children.iter().any(|child| child.looked_after() && case.died(child)),
            Self::CareLeaverDeath => case.children.iter().any(|child| child.care_leaver() && case.died(child)),
            Self::AbuseOrNeglect => fact("abuse-or-neglect", &["known", "suspected"]),
            Self::NoAbuse => fact("abuse-or-neglect", &["not"]),
            Self::Serious => {
                case.newest_record("seriousness-judged").and_then(|record| record.field("serious")) == Some("yes")
            }
            Self::OutsideEngland => fact("outside-england", &["yes"]),
            Self::HomeElsewhere => !case.home_authorities().is_empty(),
            Self::KnownFamilyUnexplained => fact("known-family", &["yes"]) && fact("unexplained-death", &["yes"]),
            Self::NhsIncident => fact("nhs-incident", &["yes"]),
            Self::CriteriaNotMet => case.has(Anchor::NotNotified),
            Self::Withdrawn => case.has(Anchor::NotificationWithdrawn),
            Self::LearningFollows => {
                let next = case.newest_record("not-notified").and_then(|record| record.field("next"));
                Self::CriteriaNotMet.holds(case) && matches!(next, Some("learning" | "audit"))
            }
            Self::LateFinding => case.has(Anchor::NotificationDecided) && found_later(case).is_some(),
            Self::HarmBecameDeath => harm_became_death(case),
            Self::Retrospective => {
                case.newest_record("la-aware").and_then(|record| record.field("retrospective")) == Some("yes")
            }
        }
    }
}

/// Whether a rule with these conditions stands: all of the first, none of the second.
pub fn stands(case: &Case, only_if: &[Condition], unless: &[Condition]) -> bool {
    only_if.iter().all(|condition| condition.holds(case)) && !unless.iter().any(|condition| condition.holds(case))
}

/// What was held or decided last by a meeting, and not merely in the partners' call, between the decision not to notify and
/// the later one to notify: its event and what it says. The rapid review that follows a notification found nothing late.
pub fn found_later(case: &Case) -> Option<(i64, &Record)> {
    let (refusal, refused) = case.records("not-notified").next_back()?;
    let decided = case.newest_record("notification-decided")?;
    let is_between = |(seq, record): &(i64, &Record)| {
        *seq > refusal && (refused.on.date..=decided.on.date).contains(&record.on.date)
    };
    let meetings = case.records("meeting-held").filter(|(_, record)| record.field("kind") != Some("call"));
    meetings.chain(case.records("decision-made")).filter(is_between).max_by_key(|(seq, _)| *seq)
}

/// A death that was entered after the Panel had been told, of a child that had not died by what was known then
/// (DOMAIN section 8a: a new question to the officer, no clock of its own).
fn harm_became_death(case: &Case) -> bool {
    let Some(notified) = case.moments.get(&Anchor::PanelNotified) else { return false };
    let told = case.before(notified.seq + 1);
    let had_died = |child: &CaseChild| {
        told.as_ref().is_some_and(|told| told.child(child.id).is_some_and(|known| told.died(known)))
    };
    case.children.iter().any(|child| case.died(child) && !had_died(child))
}

/// A child's age in whole years on the day of the incident.
pub fn age_at_incident(child: &CaseChild) -> Option<i32> {
    let (born, day) = (*child.form.date_of_birth.as_ref()?.reveal(), child.form.date_of_incident?);
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    Some(day.year() - born.year() - i32::from(!had_birthday))
}
