//! The stored shapes of dates that moved.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::core::event::{Adopted, Move};
use crate::core::ids::{ProcedureId, RuleId, TemplateId};

#[derive(Serialize, Deserialize)]
pub(super) struct MoveShape {
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
