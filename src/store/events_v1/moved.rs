//! The stored shapes of dates that moved.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::core::event::{Adopted, CaseEvent, Move};
use crate::core::ids::{ProcedureId, RuleId, TemplateId};

#[derive(Serialize, Deserialize)]
struct MoveShape {
    rule: String,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct AdoptedShape {
    from: String,
    to: String,
    from_text: String,
    to_text: String,
    because: Option<String>,
    moves: Vec<MoveShape>,
    unsent: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct CalendarShape {
    added: Vec<(NaiveDate, String)>,
    taken_out: Vec<(NaiveDate, String)>,
    moves: Vec<MoveShape>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    because: Option<String>,
}

impl CalendarShape {
    pub(super) fn of(
        added: &[(NaiveDate, String)],
        taken_out: &[(NaiveDate, String)],
        moves: &[Move],
        because: Option<&str>,
    ) -> Self {
        Self {
            added: added.to_vec(),
            taken_out: taken_out.to_vec(),
            moves: moves.iter().map(MoveShape::from).collect(),
            because: because.map(str::to_owned),
        }
    }
}

impl From<CalendarShape> for CaseEvent {
    fn from(shape: CalendarShape) -> Self {
        Self::CalendarChanged {
            added: shape.added,
            taken_out: shape.taken_out,
            moves: shape.moves.into_iter().map(Into::into).collect(),
            because: shape.because,
        }
    }
}

impl From<&Move> for MoveShape {
    fn from(one: &Move) -> Self {
        Self { rule: one.rule.to_string(), from: one.from, to: one.to }
    }
}

impl From<MoveShape> for Move {
    fn from(shape: MoveShape) -> Self {
        Self { rule: RuleId::new(shape.rule), from: shape.from, to: shape.to }
    }
}

impl From<&Adopted> for AdoptedShape {
    fn from(adopted: &Adopted) -> Self {
        Self {
            from: adopted.from.to_string(),
            to: adopted.to.to_string(),
            from_text: adopted.from_text.clone(),
            to_text: adopted.to_text.clone(),
            because: adopted.because.clone(),
            moves: adopted.moves.iter().map(MoveShape::from).collect(),
            unsent: adopted.unsent.iter().map(|(rule, template)| (rule.to_string(), template.to_string())).collect(),
        }
    }
}

impl From<AdoptedShape> for Adopted {
    fn from(shape: AdoptedShape) -> Self {
        let unsent = shape.unsent.into_iter().map(|(rule, template)| (RuleId::new(rule), TemplateId::new(template)));
        Self {
            from: ProcedureId::new(shape.from),
            to: ProcedureId::new(shape.to),
            from_text: shape.from_text,
            to_text: shape.to_text,
            because: shape.because,
            moves: shape.moves.into_iter().map(Into::into).collect(),
            unsent: unsent.collect(),
        }
    }
}
