//! What schools answered to our letters, as `daymark case` shows it under the child: the one place where it is shown.

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::core::case::Case;
use crate::core::ids::ChildId;
use crate::core::private::Private;
use crate::core::school::{SchoolAnswers, SchoolLetter, missing_words};
use crate::core::words;

fn of(case: &Case, child: ChildId) -> impl Iterator<Item = &SchoolLetter> {
    case.letters.iter().filter(move |letter| letter.child == child)
}

fn shown(text: &Option<Private<String>>) -> Option<&str> {
    text.as_ref().map(|text| text.reveal().as_str())
}

fn held(answers: &SchoolAnswers) -> Option<&'static str> {
    answers.concerns.as_ref().map(|held| if *held.reveal() { "yes" } else { "no" })
}

/// The letters about a child.
pub fn json(case: &Case, child: ChildId) -> Value {
    let letter = |letter: &SchoolLetter| {
        let answers = &letter.answers;
        json!({
            "school": letter.school,
            "sent": letter.sent.map(|day| day.to_string()),
            "replies": letter.replies.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "on_roll_from": shown(&answers.from),
            "on_roll_to": shown(&answers.to),
            "previous_school": shown(&answers.previous),
            "records_of_concern": held(answers),
            "words": shown(&answers.words),
            "missing": answers.missing().iter().map(|question| question.letter()).collect::<Vec<_>>(),
        })
    };
    of(case, child).map(letter).collect()
}

/// The same as lines below the child.
pub fn print(case: &Case, child: ChildId) {
    for letter in of(case, child) {
        let sent = letter.sent.map_or("not sent".to_owned(), |day| format!("sent {}", words::short(day)));
        let answered = match (letter.replies.last(), letter.complete) {
            (None, _) => "not answered yet".to_owned(),
            (Some(last), Some(_)) => format!("answered {}", words::short(*last)),
            (Some(last), None) => {
                format!("answered {}, but {}", words::short(*last), missing_words(&letter.answers.missing()))
            }
        };
        println!("      letter to the school {}: {sent}, {answered}", letter.school);
        let answers = &letter.answers;
        let line = |name: &str, text: Option<&str>| {
            if let Some(text) = text {
                println!("        {name}: {}", text.replace('\n', " "));
            }
        };
        line("a. on roll from", shown(&answers.from));
        line("a. on roll to", shown(&answers.to));
        line("b. previous school", shown(&answers.previous));
        line("c. records of concern", held(answers));
        line("c. beside it", shown(&answers.words));
    }
}

/// The event in a sentence that tells none of the answers.
pub fn summary(child: ChildId, on: NaiveDate, answers: &SchoolAnswers) -> String {
    let missing = answers.missing();
    let what = if missing.is_empty() { "a, b and c".to_owned() } else { missing_words(&missing) };
    format!("the letter about {child}, on {on}: {what}")
}
