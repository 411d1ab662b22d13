//! Which child of one case is which of another, when the two are one incident.

use super::case::Case;
use super::event::FormReceived;
use super::ids::{CaseRef, ChildId};
use super::referral::Child;
use super::same_incident::folded;

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
