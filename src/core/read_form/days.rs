//! Days on a form that nobody can have meant: they are named as doubtful, and not used.

use chrono::NaiveDate;

use crate::core::form_definition::Field;
use crate::core::likely_day::is_absurd;
use crate::core::private::Private;
use crate::core::problem::{Problem, Severity};
use crate::core::referral::Referral;

/// Takes out the days that cannot be right on a form that came on `came`, each with a problem that says so: years before
/// 1900 or ten years ahead, and an incident or an awareness that was still to come.
pub fn doubt(referral: &mut Referral, problems: &mut Vec<Problem>, came: NaiveDate) {
    let mut taken_out: Vec<(String, String, &str)> = Vec::new();
    let mut check = |day: &mut Option<NaiveDate>, path: String, title: String, happened: bool| {
        let why = match *day {
            Some(day) if is_absurd(day, came) => "is in a year that cannot be right, so we do not use it",
            Some(day) if happened && day > came => "is after the day the form came, so we do not use it",
            _ => return,
        };
        *day = None;
        taken_out.push((path, title, why));
    };
    let title = |field: Field| field.title().to_owned();
    check(&mut referral.submitted, "submitted".to_owned(), title(Field::Submitted), false);
    check(&mut referral.la_aware, "la_aware".to_owned(), title(Field::LaAware), true);
    let several = referral.children.len() > 1;
    for (index, child) in referral.children.iter_mut().enumerate() {
        let of_child = |field: Field| match several {
            true => format!("Child {}: {}", index + 1, field.title().replacen("The ", "the ", 1)),
            false => field.title().to_owned(),
        };
        let path = |name: &str| format!("children[{index}].{name}");
        let incident = of_child(Field::ChildIncident);
        check(&mut child.date_of_incident, path("date_of_incident"), incident, true);
        let mut born = child.date_of_birth.as_ref().map(|born| *born.reveal());
        check(&mut born, path("date_of_birth"), of_child(Field::ChildBirth), false);
        child.date_of_birth = born.map(Private::new);
    }
    for (path, title, why) in taken_out {
        referral.sources.remove(&path);
        // What was doubted of the value before is nothing to look at, now that there is none.
        problems.retain(|problem| problem.field != path);
        problems.push(Problem {
            field: path,
            severity: Severity::Doubtful,
            message: format!("{title} {why}."),
            advice: "Check the day and the year.".to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::FormId;
    use crate::core::referral::Child;

    #[test]
    fn issue_4_a_day_on_a_form_that_cannot_be_right_is_doubtful_and_not_used() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut referral = Referral::blank(FormId::from("daymark"));
        referral.submitted = Some(day("0206-03-30"));
        referral.la_aware = Some(day("2026-03-31"));
        referral.sources.insert("la_aware".to_owned(), "table 1, row 1, cell 2".to_owned());
        let child = |incident: &str, born: &str| Child {
            date_of_incident: Some(day(incident)),
            date_of_birth: Some(day(born).into()),
            ..Child::default()
        };
        referral.children = vec![child("2026-03-30", "2016-05-11"), child("2098-03-30", "9999-12-31")];
        let mut problems = Vec::new();
        doubt(&mut referral, &mut problems, day("2026-03-30"));
        let said: Vec<_> = problems.iter().map(|p| (p.field.as_str(), p.severity.as_str())).collect();
        let fields = ["submitted", "la_aware", "children[1].date_of_incident", "children[1].date_of_birth"];
        assert_eq!(said, fields.map(|field| (field, "doubtful")));
        assert!(problems[2].message.starts_with("Child 2: the date of death or incident is in a year"), "{problems:?}");
        assert_eq!((referral.submitted, referral.la_aware, referral.sources.len()), (None, None, 0));
        assert_eq!(referral.children[0], child("2026-03-30", "2016-05-11"));
        assert_eq!(referral.children[1], Child::default());
    }
}
