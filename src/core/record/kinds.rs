//! The table of what may be recorded ([`KINDS`]), in the order in which a case usually meets it.

use super::{Field, Kind, Part, Values};

const fn must(name: &'static str, values: Values) -> Field {
    Field { name, values, required: true }
}

const fn may(name: &'static str, values: Values) -> Field {
    Field { name, values, required: false }
}

const YES_NO: Values = Values::OneOf(&["yes", "no"]);
const OUTCOMES: Values = Values::OneOf(&["death", "serious-harm", "expected-to-die", "other"]);
const MEETINGS: Values = OneOf(&["call", "information", "rapid-review", "crg"]);
const BECAUSE: Field = must("because", Values::Words);

const fn kind(name: &'static str, on: Part, fields: &'static [Field], once: bool, meaning: &'static str) -> Kind {
    Kind { name, on, child: Part::Absent, fields, once, meaning }
}

const fn of_child(name: &'static str, fields: &'static [Field], meaning: &'static str) -> Kind {
    Kind { name, on: Part::Optional, child: Part::Required, fields, once: false, meaning }
}

use Part::{Absent, Optional, Required};
use Values::{Event, Name, OneOf, Time, Words};

/// Every kind a person may record, in the order in which a case usually meets them.
pub const KINDS: &[Kind] = &[
    kind("la-aware", Required, &[may("retrospective", YES_NO)], true, "The day the local authority became aware."),
    kind(
        "seriousness-judged",
        Optional,
        &[must("serious", YES_NO), BECAUSE],
        false,
        "A named person judged whether the harm is serious, and why.",
    ),
    kind(
        "incident-fact-recorded",
        Optional,
        &[
            may("outcome", OUTCOMES),
            may("abuse-or-neglect", OneOf(&["known", "suspected", "not"])),
            may("place", Words),
            may("home-authority", Words),
            may("pathway", OneOf(&["cdop", "strategy"])),
            may("outside-england", YES_NO),
            may("time", Time),
            may("authority", Words),
            may("nominated", Words),
            may("known-family", YES_NO),
            may("unexplained-death", YES_NO),
            may("nhs-incident", YES_NO),
        ],
        false,
        "A fact about the incident.",
    ),
    of_child(
        "child-fact-recorded",
        &[
            may("looked-after", YES_NO),
            may("care-leaver", YES_NO),
            may("outcome", OUTCOMES),
            may("home-authority", Words),
        ],
        "A fact about one child.",
    ),
    of_child("school-recorded", &[must("school", Name)], "The child's school, by name or URN, or `none`."),
    of_child(
        "school-answered",
        &[
            may("school", Name),
            may("from", Words),
            may("to", Words),
            may("previous-school", Words),
            may("concerns", YES_NO),
        ],
        "A school answered the letter by telephone, or in words that Daymark could not read.",
    ),
    kind("consulted", Optional, &[must("with", Words), must("advice", Words)], false, "Somebody was asked for advice."),
    kind(
        "partners-consulted",
        Optional,
        &[must("present", Words), must("view", Words)],
        false,
        "The safeguarding partners spoke about whether to notify: who was there, by role, and their view.",
    ),
    kind(
        "notification-decided",
        Optional,
        &[BECAUSE, must("by-role", Words)],
        true,
        "A named person decided that the Panel is to be notified.",
    ),
    kind(
        "not-notified",
        Optional,
        &[BECAUSE, must("next", OneOf(&["learning", "audit", "nothing", "information"]))],
        true,
        "A named person decided that the Panel is not to be notified, and what comes next.",
    ),
    kind(
        "notification-withdrawn",
        Optional,
        &[BECAUSE],
        true,
        "The notification to the Panel was withdrawn. A panel-notified after it is a new one; with the same day it undoes a slip.",
    ),
    kind(
        "panel-notified",
        Required,
        &[may("reference", Words)],
        true,
        "The Panel was notified through the national online form, by a person; give the hour too.",
    ),
    kind(
        "body-informed",
        Required,
        &[must(
            "body",
            OneOf(&[
                "ofsted",
                "secretary-of-state",
                "dfe",
                "partnership",
                "partners",
                "cdop",
                "board",
                "home-partnership",
                "case-holders",
                "staff",
            ]),
        )],
        false,
        "Another body was told.",
    ),
    kind(
        "renotification-decided",
        Optional,
        &[must("again", YES_NO), BECAUSE],
        false,
        "The child has died since the Panel was told of harm: whether it is told again.",
    ),
    kind(
        "nil-return-received",
        Optional,
        &[must("agency", Name)],
        false,
        "An agency answered that it holds nothing on the children.",
    ),
    kind(
        "record-checked",
        Optional,
        &[must("which", OneOf(&["social-care", "education"]))],
        false,
        "A record was checked to be up to date.",
    ),
    kind(
        "meeting-set",
        Required,
        &[must("kind", MEETINGS), may("place", Words)],
        false,
        "A meeting was arranged, for the day and hour of --on.",
    ),
    kind(
        "meeting-cancelled",
        Optional,
        &[must("kind", MEETINGS), BECAUSE],
        false,
        "A meeting that was arranged does not take place.",
    ),
    kind(
        "meeting-held",
        Required,
        &[must("kind", MEETINGS), must("present", Words)],
        false,
        "A meeting was held, and who was present, by role.",
    ),
    kind(
        "decision-made",
        Required,
        &[
            must(
                "outcome",
                OneOf(&["local-review", "national-review", "both", "no-review", "audit", "learning", "nothing"]),
            ),
            BECAUSE,
            may("present", Words),
        ],
        true,
        "The rapid review decision; a later one takes the place of an earlier one, which stays on record.",
    ),
    kind(
        "decision-confirmed",
        Optional,
        &[must("present", Words), BECAUSE],
        false,
        "A decision that was made without a quorum was confirmed: who was there then, by role.",
    ),
    kind("review-submitted", Required, &[], true, "The rapid review and decision went to the Panel."),
    kind("panel-replied", Required, &[must("agrees", OneOf(&["yes", "no", "asks"]))], false, "The Panel answered."),
    kind(
        "review-commissioned",
        Required,
        &[must("reviewer", Words), must("method", Words), may("terms", Words)],
        false,
        "A review was commissioned: lead reviewer, methodology, terms of reference.",
    ),
    kind("review-published", Required, &[], true, "The local review was published."),
    kind("learning-decided", Optional, &[must("activity", Words), BECAUSE], false, "What learning activity follows."),
    kind(
        "nhs-incident-reported",
        Required,
        &[],
        true,
        "The health provider made its own serious incident report, on the day of --on.",
    ),
    kind(
        "nhs-report-received",
        Optional,
        &[must("which", OneOf(&["72-hour", "30-day", "60-day"]))],
        false,
        "A report of the health provider came.",
    ),
    kind(
        "question-answered",
        Optional,
        &[must("question", Words), must("answer", Words)],
        false,
        "A question of the procedure was answered, or is none in this case: say why in the answer.",
    ),
    kind(
        "reading-pinned",
        Optional,
        &[must("rule", Words), must("reading", Words), BECAUSE],
        false,
        "One reading of ambiguous words was chosen for this case.",
    ),
    kind("paused", Optional, &[must("rule", Words), BECAUSE], false, "A clock, or rule=all of them, was paused."),
    kind("resumed", Optional, &[may("rule", Words)], false, "What was paused runs again."),
    kind("corrected", Absent, &[must("event", Event), BECAUSE], false, "An earlier entry was wrong: FIELD=VALUE."),
    kind(
        "merged-into",
        Absent,
        &[must("ref", Words), BECAUSE],
        false,
        "It is one incident with another case, and goes on there; `reopened` undoes it.",
    ),
    kind("closed", Optional, &[BECAUSE], false, "A named person closed the case."),
    kind("reopened", Optional, &[BECAUSE], false, "A named person opened the case again."),
];
