//! The small parts: which part is the main one, and the custom properties.

use std::collections::BTreeMap;

use super::xml::{Events, Met, Space};
use super::{Limits, Unreadable, Work};

/// The main part of a package, by its relationship (ECMA-376 part 2): Word on the web calls it `document2.xml` at times.
pub fn main_part(relations: &str, limits: &Limits, work: &mut Work) -> Result<Option<String>, Unreadable> {
    let mut events = Events::of(relations, limits);
    let mut found = None;
    while let Some(met) = events.next(work)? {
        if let Met::Open(Space::Relations, element) = met
            && element.attribute("Type").is_some_and(|kind| kind.ends_with("/relationships/officeDocument"))
            && element.attribute("TargetMode").is_none_or(|mode| mode != "External")
        {
            found = found.or(element.attribute("Target"));
        }
    }
    Ok(found.filter(|target| target.to_lowercase().contains("word/")))
}

/// Custom document properties, name → value as text.
pub fn properties(text: &str, limits: &Limits, work: &mut Work) -> Result<BTreeMap<String, String>, Unreadable> {
    let mut events = Events::of(text, limits);
    let mut properties = BTreeMap::new();
    let mut name: Option<String> = None;
    while let Some(met) = events.next(work)? {
        match met {
            Met::Open(Space::Properties, element) if element.name() == "property" => {
                name = element.attribute("name");
                if let Some(name) = &name {
                    properties.entry(name.clone()).or_insert_with(String::new);
                }
            }
            Met::Text(text) => {
                if let Some(value) = name.as_ref().and_then(|name| properties.get_mut(name)) {
                    value.push_str(&text);
                }
            }
            _ => {}
        }
    }
    Ok(properties.into_iter().map(|(name, value)| (name, value.trim().to_owned())).collect())
}
