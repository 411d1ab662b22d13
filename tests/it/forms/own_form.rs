//! Our own form, blank and filled in.

use daymark::codec::referral_form;
use serde_json::json;

use super::reading;

#[test]
fn a_blank_form_of_ours_says_nothing_and_asks_for_what_is_missing() {
    let read = reading(&referral_form::blank(""));
    assert_eq!(read["form"], "daymark");
    assert_eq!(read["children"].as_array().map(Vec::len), Some(1));
    for field in ["name", "address", "date_of_birth", "date_of_incident", "early_help", "parents", "siblings", "gp"] {
        assert_eq!(read["children"][0][field], json!(null), "{field}");
    }
    assert_eq!((&read["others"], &read["professionals"], &read["sources"]), (&json!([]), &json!([]), &json!({})));
    let fields: Vec<_> =
        read["problems"].as_array().into_iter().flatten().map(|problem| problem["field"].clone()).collect();
    let expected = [
        "referrer.email",
        "request",
        "children[0].name",
        "children[0].date_of_birth",
        "children[0].date_of_incident",
        "children[0].nhs_number",
        "incident",
    ];
    assert_eq!(json!(fields), json!(expected));
    assert_eq!(reading(&referral_form::blank("Example & Council"))["authority"], "Example & Council");
}
