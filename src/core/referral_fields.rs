//! The fields of a referral by the names that `read-form` shows, `open` takes and `corrected` takes (DESIGN section 7).

/// Every field, with what it is. `N` counts from 0: `children[0]` is the first child.
pub const FIELDS: &[(&str, &str)] = &[
    ("request", "serious-incident or learning"),
    ("submitted", "the date on the form, YYYY-MM-DD"),
    ("la_aware", "the day the authority became aware, YYYY-MM-DD"),
    ("authority", "the authority"),
    ("place", "where it happened"),
    ("incident", "what happened, in a few words"),
    ("referrer.name", "who tells of it"),
    ("referrer.agency", "for which agency"),
    ("referrer.email", "an e-mail address"),
    ("children[N].name", "the child's name"),
    ("children[N].address", "the child's address"),
    ("children[N].date_of_birth", "YYYY-MM-DD"),
    ("children[N].date_of_incident", "YYYY-MM-DD, of the death or incident"),
    ("children[N].nhs_number", "ten digits"),
    ("children[N].outcome", "death, serious-harm, expected-to-die or other"),
    (
        "children[N].status",
        "not-known, early-help, yot, child-in-need, child-protection, looked-after; several with commas",
    ),
    ("children[N].early_help", "which early help service"),
    ("children[N].parents", "parents or carers"),
    ("children[N].siblings", "brothers and sisters"),
    ("children[N].gp", "the GP"),
    ("children[N].school", "the school, as it was told"),
    ("others[N].name", "another person concerned"),
    ("others[N].address", "that person's address"),
    ("professionals[N].agency", "an agency involved: one of contacts.toml is asked for its chronology"),
    ("professionals[N].name", "a professional there"),
    ("professionals[N].title", "the job title"),
    ("professionals[N].contact", "telephone or e-mail address"),
];

/// A place in one of the lists of a referral: `children[0].name` is (`children`, 0, `name`).
pub(super) fn in_list(field: &str) -> Option<(&str, usize, &str)> {
    let (list, rest) = field.split_once('[')?;
    let (index, name) = rest.split_once("].")?;
    let index: usize = index.parse().ok()?;
    (matches!(list, "children" | "others" | "professionals") && index < 50).then_some((list, index, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::correct::set_referral;
    use crate::core::ids::FormId;
    use crate::core::referral::Referral;

    #[test]
    fn issue_4_every_field_that_is_listed_can_be_set_and_cleared() {
        for (field, what) in FIELDS {
            let field = field.replace('N', "0");
            let value = match *what {
                what if what.contains("YYYY-MM-DD") => "2026-03-26",
                what if what.starts_with("ten digits") => "9990000018",
                what if field.ends_with("request") || field.ends_with("outcome") || field.ends_with("status") => {
                    what.split([',', ' ']).next().unwrap()
                }
                _ => "Example",
            };
            let blank = Referral::blank(FormId::from("telephone"));
            let mut referral = blank.clone();
            assert_eq!(set_referral(&mut referral, &field, value), Ok(()), "{field}");
            assert_ne!(referral, blank, "{field}");
        }
    }

    #[test]
    fn a_list_is_counted_up_to_fifty() {
        assert_eq!(in_list("professionals[3].agency"), Some(("professionals", 3, "agency")));
        for wrong in ["children[50].name", "childs[0].name", "children[x].name", "children[0]name", "place"] {
            assert_eq!(in_list(wrong), None, "{wrong}");
        }
    }
}
