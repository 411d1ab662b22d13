//! A referral and its problems → the document that `daymark read-form --json` prints (DESIGN section 7).
//!
//! This is the one place where a referral's private values are written out together: for the person who asked.

use serde_json::{Map, Value, json};

use crate::core::private::Private;
use crate::core::problem::Problem;
use crate::core::referral::{Child, ChildStatus, Referral};

/// The document. What only our own form asks (`la_aware`, `authority`, `place`, a child's `school` and `outcome`)
/// is there when it has a value, so that other forms read as before.
pub fn document(referral: &Referral, problems: &[Problem]) -> Value {
    let mut document = json!({
        "form": referral.form.as_str(),
        "request": referral.request.map(|request| request.as_str()),
        "referrer": {
            "name": text(&referral.referrer.name),
            "agency": referral.referrer.agency,
            "email": referral.referrer.email,
        },
        "submitted": referral.submitted,
        "children": referral.children.iter().map(child).collect::<Vec<_>>(),
        "others": referral.others.iter().map(|other| json!({
            "name": text(&other.name),
            "address": text(&other.address),
        })).collect::<Vec<_>>(),
        "professionals": referral.professionals.iter().map(|professional| json!({
            "name": text(&professional.name),
            "title": professional.title,
            "agency": professional.agency,
            "contact": text(&professional.contact),
        })).collect::<Vec<_>>(),
        "incident": text(&referral.incident),
        "sources": referral.sources,
        "problems": problems.iter().map(|problem| json!({
            "field": problem.field,
            "severity": problem.severity.as_str(),
            "message": problem.message,
            "advice": problem.advice,
        })).collect::<Vec<_>>(),
    });
    extend(
        &mut document,
        [
            ("la_aware", json!(referral.la_aware)),
            ("authority", json!(referral.authority)),
            ("place", json!(text(&referral.place))),
        ],
    );
    document
}

fn child(child: &Child) -> Value {
    let mut document = json!({
        "name": text(&child.name),
        "address": text(&child.address),
        "date_of_birth": child.date_of_birth.as_ref().map(Private::reveal),
        "date_of_incident": child.date_of_incident,
        "status": child.status.iter().map(|status: &ChildStatus| status.as_str()).collect::<Vec<_>>(),
        "early_help": text(&child.early_help),
        "parents": text(&child.parents),
        "siblings": text(&child.siblings),
        "gp": text(&child.gp),
        "nhs_number": text(&child.nhs_number),
    });
    extend(
        &mut document,
        [("school", json!(text(&child.school))), ("outcome", json!(child.outcome.map(|outcome| outcome.as_str())))],
    );
    document
}

fn text(value: &Option<Private<String>>) -> Option<&str> {
    value.as_ref().map(|value| value.reveal().as_str())
}

fn extend<const N: usize>(document: &mut Value, extra: [(&str, Value); N]) {
    if let Some(object) = document.as_object_mut() {
        let given: Map<String, Value> = extra
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        object.extend(given);
    }
}
