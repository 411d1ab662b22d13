//! The shapes of what a case begins with: a form, or what was said on the telephone.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{ReferralShape, referral_shape, referral_value};
use crate::core::classify::Answer;
use crate::core::event::{CaseEvent, FormReceived};
use crate::core::ids::ChildId;
use crate::core::referral::Referral;

#[derive(Serialize, Deserialize)]
pub(super) struct FormShape {
    referral: ReferralShape,
    children: Vec<u16>,
    problems: Vec<(String, String, String)>,
    answer: AnswerShape,
    in_reply_to: Option<String>,
    received: NaiveDate,
    #[serde(default)]
    may_be: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum AnswerShape {
    Nobody,
    Neutral(String),
    WithReference(String),
}

pub(super) fn form_shape(form: &FormReceived) -> FormShape {
    FormShape {
        referral: referral_shape(&form.referral),
        children: form.children.iter().map(|child| child.0).collect(),
        problems: form.problems.clone(),
        answer: match &form.answer {
            Answer::None => AnswerShape::Nobody,
            Answer::Neutral(address) => AnswerShape::Neutral(address.clone()),
            Answer::WithReference(address) => AnswerShape::WithReference(address.clone()),
        },
        in_reply_to: form.in_reply_to.clone(),
        received: form.received,
        may_be: form.may_be.clone(),
    }
}

pub(super) fn form_value(form: FormShape) -> Result<FormReceived, String> {
    Ok(FormReceived {
        referral: referral_value(form.referral)?,
        children: form.children.into_iter().map(ChildId).collect(),
        problems: form.problems,
        answer: match form.answer {
            AnswerShape::Nobody => Answer::None,
            AnswerShape::Neutral(address) => Answer::Neutral(address),
            AnswerShape::WithReference(address) => Answer::WithReference(address),
        },
        in_reply_to: form.in_reply_to,
        received: form.received,
        may_be: form.may_be,
    })
}

#[derive(Serialize, Deserialize)]
pub(super) struct OpenedShape {
    referral: ReferralShape,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quiet_before: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    may_be: Vec<String>,
}

pub(super) fn opened_shape(referral: &Referral, quiet_before: Option<NaiveDate>, may_be: &[String]) -> OpenedShape {
    OpenedShape { referral: referral_shape(referral), quiet_before, may_be: may_be.to_vec() }
}

pub(super) fn opened_value(shape: OpenedShape) -> Result<CaseEvent, String> {
    Ok(CaseEvent::Opened(Box::new(referral_value(shape.referral)?), shape.quiet_before, shape.may_be))
}
