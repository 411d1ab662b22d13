//! What a person should look at after a merge.

use crate::core::case::Case;
use crate::core::ids::ChildId;
use crate::core::procedure::{Anchor, CaseKind};
use crate::core::words;

/// What a person should look at after a merge.
pub(super) fn to_look_at(case: &Case, other: &Case, children: &[(ChildId, ChildId)]) -> Vec<String> {
    let (from, to) = (&case.header.reference, &other.header.reference);
    let mut warnings = Vec::new();
    let numbers: Vec<String> = children.iter().map(|(theirs, ours)| format!("its {theirs} is {ours}")).collect();
    warnings.push(format!("of {from}, {} in {to}", numbers.join(", ")));
    let form = |case: &Case| case.moments.get(&Anchor::LaAware).map(|known| known.date);
    if let (Some(theirs), Some(ours)) = (form(case), form(other))
        && theirs < ours
    {
        warnings.push(format!(
            "{from} says that the authority became aware on {}, {to} says {}: if the earlier day is right, correct it",
            words::short(theirs),
            words::short(ours)
        ));
    }
    if let (Some(theirs), Some(ours)) = (case.date(Anchor::PanelNotified), other.date(Anchor::PanelNotified)) {
        warnings.push(format!(
            "the Panel was notified of this incident twice, on {} ({from}) and on {ours} ({to}): tell it so. The dates of the \
             rapid review count from {ours}{}",
            words::short(theirs),
            if theirs < ours { ": if the earlier notification counts, correct it" } else { "" },
            ours = words::short(ours),
        ));
    }
    let new: Vec<String> =
        children.iter().filter(|(_, ours)| other.child(*ours).is_none()).map(|(_, ours)| ours.to_string()).collect();
    let asked: Vec<&str> =
        other.agencies.iter().filter(|line| line.asked.is_some()).map(|line| line.name.as_str()).collect();
    if !new.is_empty() && !asked.is_empty() {
        warnings.push(format!(
            "{} were asked for chronologies before {} was known in {to}: nobody is asked twice by itself, so write to them",
            asked.join(", "),
            new.join(", ")
        ));
    }
    if case.kind() != other.kind() && other.kind() != CaseKind::Unknown {
        warnings.push(format!(
            "{from} was {}, and {to} is {}: it goes on as that",
            case.kind().as_str(),
            other.kind().as_str()
        ));
    }
    warnings
}
