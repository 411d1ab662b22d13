//! What a school answered, as it is stored.

use serde::{Deserialize, Serialize};

use crate::core::private::Private;
use crate::core::school::SchoolAnswers;

#[derive(Serialize, Deserialize)]
pub(super) struct AnswersShape {
    from: Option<String>,
    to: Option<String>,
    previous: Option<String>,
    concerns: Option<bool>,
    words: Option<String>,
}

impl From<&SchoolAnswers> for AnswersShape {
    fn from(answers: &SchoolAnswers) -> Self {
        let text = |text: &Option<Private<String>>| text.as_ref().map(|text| text.reveal().clone());
        Self {
            from: text(&answers.from),
            to: text(&answers.to),
            previous: text(&answers.previous),
            concerns: answers.concerns.as_ref().map(|held| *held.reveal()),
            words: text(&answers.words),
        }
    }
}

impl From<AnswersShape> for SchoolAnswers {
    fn from(shape: AnswersShape) -> Self {
        Self {
            from: shape.from.map(Private::new),
            to: shape.to.map(Private::new),
            previous: shape.previous.map(Private::new),
            concerns: shape.concerns.map(Private::new),
            words: shape.words.map(Private::new),
        }
    }
}
