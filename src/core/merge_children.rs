//! Which child of one case is which of another, when the two are one incident.

use super::case::Case;
use super::event::FormReceived;
use super::fold::folded;
use super::ids::{CaseRef, ChildId};
use super::referral::Child;

/// Which child of a case is which of the other one; those that it has not get its next numbers.
///
/// Stricter than [`super::decide::match_children`], which knows that a form is a newer one of the same children: here one
/// child on each side need not be the same, and twins share their day of birth.
pub(super) fn pairs(case: &Case, other: &Case) -> Vec<(ChildId, ChildId)> {
    let mut next = highest(other);
    let mut pairs: Vec<(ChildId, ChildId)> = Vec::new();
    for child in &case.children {
        let taken: Vec<ChildId> = pairs.iter().map(|(_, id)| *id).collect();
        let id = same_child(&child.form, other, &taken).unwrap_or_else(|| {
            next += 1;
            ChildId(next)
        });
        pairs.push((child.id, id));
    }
    pairs
}

fn highest(case: &Case) -> u16 {
    case.children.iter().map(|child| child.id.0).max().unwrap_or(0).max(case.merges.highest())
}

/// The one child of a case that is surely this one: by NHS number; by name and day of birth; by day of birth and first
/// name; by name where one of them has no day of birth. Two different NHS numbers are two children, unless all else is
/// the same.
fn same_child(child: &Child, case: &Case, taken: &[ChildId]) -> Option<ChildId> {
    let name = |child: &Child| child.name.as_ref().map(|name| folded(name.reveal()));
    let first = |child: &Child| {
        child.name.as_ref().and_then(|name| name.reveal().split_whitespace().next().map(folded)).unwrap_or_default()
    };
    let same_name = |known: &Child| name(known).is_some() && name(known) == name(child);
    let same_birth = |known: &Child| known.date_of_birth.is_some() && known.date_of_birth == child.date_of_birth;
    let no_birth = |known: &Child| known.date_of_birth.is_none() || child.date_of_birth.is_none();
    let same_number = |known: &Child| known.nhs_number.is_some() && known.nhs_number == child.nhs_number;
    let other_number = |known: &Child| known.nhs_number.is_some() && child.nhs_number.is_some() && !same_number(known);
    let rules: [&dyn Fn(&Child) -> bool; 4] = [
        &same_number,
        &|known| same_name(known) && same_birth(known),
        &|known| same_birth(known) && !first(known).is_empty() && first(known) == first(child) && !other_number(known),
        &|known| same_name(known) && no_birth(known) && !other_number(known),
    ];
    rules.iter().find_map(|rule| {
        let mut found = case.children.iter().filter(|known| !taken.contains(&known.id) && rule(&known.form));
        found.next().filter(|_| found.next().is_none()).map(|known| known.id)
    })
}

/// The number there of a child of the merged case.
pub(super) fn there(children: &[(ChildId, ChildId)], child: ChildId) -> Option<ChildId> {
    children.iter().find(|(known, _)| *known == child).map(|(_, id)| *id)
}

/// A corrected form of a merged case, as it is recorded in the case it belongs to now: each child by the number that it
/// had at the merge, else as a child is known again, else as a new one.
pub fn amended_there(home: &Case, from: &CaseRef, form: &FormReceived) -> FormReceived {
    let known = home.merges.forms.iter().find(|known| known.from == *from);
    let mut next = highest(home);
    let mut children: Vec<ChildId> = Vec::new();
    for (child, theirs) in form.referral.children.iter().zip(&form.children) {
        let at_merge = known.and_then(|known| there(&known.children, *theirs)).filter(|id| !children.contains(id));
        let id = at_merge.or_else(|| same_child(child, home, &children)).unwrap_or_else(|| {
            next += 1;
            ChildId(next)
        });
        children.push(id);
    }
    FormReceived { children, ..form.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::case::Header;
    use crate::core::event::{CaseEvent, Logged};
    use crate::core::now::Now;
    use crate::core::referral::Referral;
    use chrono::NaiveDate;

    fn child(name: &str, born: Option<&str>, number: Option<&str>) -> Child {
        let born = born.map(|born| born.parse::<NaiveDate>().unwrap().into());
        Child { name: Some(name.into()), date_of_birth: born, nhs_number: number.map(Into::into), ..Child::default() }
    }

    fn case(children: Vec<Child>) -> Case {
        let referral = Referral { children, ..Referral::blank("telephone".into()) };
        let header = Header {
            reference: "REF-2026-0001".into(),
            mailbox: "tees".into(),
            authority: "Exampleton Council".to_owned(),
            procedure: "tees".into(),
            rehearsal: false,
        };
        let local = NaiveDate::from_ymd_opt(2026, 3, 27).unwrap().and_hms_opt(9, 0, 0).unwrap();
        let event = CaseEvent::Opened(Box::new(referral), None, Vec::new());
        let at = Now { at: local.and_utc(), local };
        Case::replay(header, vec![Logged { seq: 1, at, by: "Sam Trevose".to_owned(), event }])
    }

    #[test]
    fn a_child_is_the_same_only_where_no_other_reading_is_left() {
        let known = || child("Wren Marlowe-Finch", Some("2016-05-11"), Some("9990000018"));
        for (same, other) in [
            (true, child("W. Finch", None, Some("9990000018"))),
            (true, child("WREN MARLOWE FINCH", Some("2016-05-11"), None)),
            (true, child("Wren Finch", Some("2016-05-11"), None)),
            (true, child("Wren Marlowe-Finch", None, None)),
            // A number that one of them mistyped.
            (true, child("Wren Marlowe-Finch", Some("2016-05-11"), Some("9990000026"))),
            (false, child("Wren Finch", Some("2016-05-11"), Some("9990000026"))),
            (false, child("Kit Marlowe-Finch", Some("2016-05-11"), None)),
            (false, child("Wren Marlowe-Finch", Some("2017-05-11"), None)),
            (false, child("Jory Tregear", None, None)),
        ] {
            let pairs = pairs(&case(vec![other.clone()]), &case(vec![known()]));
            let expected = if same { ChildId(1) } else { ChildId(2) };
            assert_eq!(pairs, [(ChildId(1), expected)], "{:?}", other.name.map(|name| name.reveal().clone()));
        }
    }

    #[test]
    fn two_that_could_be_the_one_are_neither() {
        let twins = || vec![child("Baby Tregear", None, None), child("Baby Tregear", None, None)];
        let pairs = pairs(&case(vec![child("Baby Tregear", None, None)]), &case(twins()));
        assert_eq!(pairs, [(ChildId(1), ChildId(3))]);
    }
}
