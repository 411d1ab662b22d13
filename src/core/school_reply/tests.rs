use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// a from, a to, b, c.
fn plain(answers: SchoolAnswers) -> (String, String, String, Option<bool>) {
    let text = |text: Option<Private<String>>| text.map_or_else(|| "?".to_owned(), Private::into_inner);
    let answers = dated(answers, day("2026-12-30"));
    (text(answers.from), text(answers.to), text(answers.previous), answers.concerns.map(Private::into_inner))
}

fn ends(text: &str) -> (String, String) {
    let (from, to, ..) = plain(in_text(&format!("a. {text}")));
    (from, to)
}

#[test]
fn dates_on_roll_are_parted_and_sure_dates_are_dates() {
    for (text, from, to) in [
        ("From: 1 September 2019 To: 21/07/2023", "2019-09-01", "2023-07-21"),
        ("from 01/09/2019 to present", "2019-09-01", "present"),
        ("1.9.19 to date", "2019-09-01", "present"),
        ("2019 – 2023", "2019", "2023"),
        ("2019-2023", "2019", "2023"),
        ("01-09-2019 - 21-07-2023", "2019-09-01", "2023-07-21"),
        ("2019-09-01 to 2023-07-21", "2019-09-01", "2023-07-21"),
        ("September 2019 until now", "September 2019", "present"),
        ("To: 2023 From: 2019", "2019", "2023"),
        ("From: 2019 To:", "2019", "?"),
        ("since Reception", "since Reception", "?"),
        ("never came on to our roll", "never came on to our roll", "?"),
        ("On roll from Reception to Year 4", "Reception", "Year 4"),
        ("From: To:", "?", "?"),
        ("not known", "not known", "?"),
    ] {
        assert_eq!(ends(text), (from.to_owned(), to.to_owned()), "{text}");
    }
}

#[test]
fn a_mail_answers_in_lines() {
    let all = |text: &str| plain(in_text(text));
    let expected = ("2019-09-01".to_owned(), "present".to_owned(), "Otherplace Infants".to_owned(), Some(true));
    for text in [
        "Dear all,\n\na. 1 September 2019 to present\nb. Otherplace Infants\nc. Yes\n\nKind regards\nMorwenna",
        "a) 01/09/2019 - present\nb) Otherplace Infants\nc) yes",
        "(a) 01/09/2019 to date\n\n(b) Otherplace Infants\n\n(c) Yes, two files\n\nMorwenna Pascoe",
        "A: From 1/9/19 to now\nB: Otherplace Infants.\nC: YES\nThanks",
        "a.\n\nFrom: 1 September 2019\n\nTo: present\n\nb.\nOtherplace\nInfants\n\nc.\nYes\n\nMorwenna",
        "a. Dates on roll (to and from): 1 September 2019 to date\nb. Previous school (if applicable): Otherplace Infants\n\
         c. Do you hold any records that indicate child welfare/protection concerns relating to the named child? Yes",
        "Dates on roll: 1 September 2019 to date\nPrevious school: Otherplace Infants\nc - yes",
    ] {
        assert_eq!(all(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_answer_is_none() {
    for text in [
        "Thank you for your letter. I will look into it a.m. tomorrow.\na.m. is best",
        "Please call me.\nA pupil of that name left.",
        "I will answer soon.\n\n-----Original Message-----\nFrom: x\na. 2019\nb. none\nc. yes",
        "> a. 2019\n> c. Yes",
        "",
    ] {
        assert!(in_text(text).is_empty(), "{text}");
    }
    let half = in_text("a. 2019 to 2021\nb. -\nc.");
    assert_eq!(half.missing(), [Question::Concerns]);
    assert_eq!(plain(half).2, "none");
}

#[test]
fn an_answer_as_long_as_a_book_is_cut_and_none_panics() {
    let long = format!("b. {}\nc. yes", "é".repeat(100_000));
    let read = in_text(&long);
    assert!(read.previous.unwrap().reveal().chars().count() <= LONGEST);
    for text in
        ["a.", "(", "(a", "(a)", "é. x", "c.\u{A0}Yes", "a. –", "a. - -", "Previous school\u{A0}(", "c. ☐", "c. ☒/☒"]
    {
        in_text(text);
    }
}

mod documents {
    use super::super::super::form::{Paragraph, Table, Text, Tick};
    use super::*;

    fn text(text: &str) -> Piece {
        Piece::Text(Text { text: text.to_owned(), struck: false, control: None })
    }

    fn struck(text: &str) -> Piece {
        Piece::Text(Text { text: text.to_owned(), struck: true, control: None })
    }

    fn tick(ticked: bool) -> Piece {
        Piece::Tick(Tick { ticked, sign: '☐', name: None, control: None })
    }

    fn cell(lines: Vec<Vec<Piece>>) -> Cell {
        let paragraph = |pieces| Block::Paragraph(Paragraph { place: String::new(), pieces });
        Cell { column: 0, span: 1, continues: false, content: lines.into_iter().map(paragraph).collect() }
    }

    fn letter(rows: Vec<Vec<Cell>>) -> FormDoc {
        FormDoc { body: vec![Block::Table(Table { place: String::new(), rows })], ..FormDoc::default() }
    }

    const A: &str = "a. Dates on roll (to and from):*";
    const B: &str = "b. Previous school (if applicable):*";
    const C: &str = "c. Do you hold any records that indicate child welfare/protection concerns relating to the named child? Yes / No*";

    fn asks(question: &str) -> Cell {
        cell(vec![vec![text(question)]])
    }

    #[test]
    fn the_letter_filled_in_is_read_row_by_row() {
        let doc = letter(vec![
            vec![asks(A), cell(vec![vec![text("From: 01/09/2019")], vec![text("To: "), text("present")]])],
            vec![asks(B), cell(vec![vec![text("N/A")]])],
            vec![asks(C), cell(vec![vec![tick(false), text(" Yes   "), tick(true), text(" No")]])],
        ]);
        let expected = ("2019-09-01".to_owned(), "present".to_owned(), "none".to_owned(), Some(false));
        assert_eq!(plain(in_document(&doc)), expected);
    }

    #[test]
    fn the_letter_as_it_was_sent_answers_nothing() {
        let boxes = || cell(vec![vec![tick(false), text(" Yes   "), tick(false), text(" No")]]);
        let blank = cell(vec![vec![text("From: ")], vec![text("To: ")]]);
        let doc = letter(vec![vec![asks(A), blank], vec![asks(B), cell(vec![])], vec![asks(C), boxes()]]);
        assert!(in_document(&doc).is_empty());
    }

    #[test]
    fn an_answer_in_the_cell_of_the_question_counts() {
        let doc = letter(vec![
            vec![cell(vec![vec![text(A), text(" 2019 to 2023")]]), cell(vec![])],
            vec![cell(vec![vec![text(B)], vec![text("Otherplace Infants")]]), cell(vec![])],
            vec![
                cell(vec![vec![text(C.trim_end_matches("Yes / No*")), text("Yes"), struck(" / No"), text("*")]]),
                cell(vec![]),
            ],
        ]);
        let expected = ("2019".to_owned(), "2023".to_owned(), "Otherplace Infants".to_owned(), Some(true));
        assert_eq!(plain(in_document(&doc)), expected);
    }

    #[test]
    fn a_letter_without_a_table_is_read_line_by_line() {
        let line = |words: &str| Block::Paragraph(Paragraph { place: String::new(), pieces: vec![text(words)] });
        let doc = FormDoc {
            body: vec![line("Dear lead,"), line(&format!("{A} 2019 to date")), line(&format!("{B} none")), line(C)],
            ..FormDoc::default()
        };
        let (from, to, previous, concerns) = plain(in_document(&doc));
        assert_eq!((from.as_str(), to.as_str(), previous.as_str(), concerns), ("2019", "present", "none", None));
    }
}
