//! The text of an HTML mail, within bounds.

use std::collections::BTreeMap;

/// Largest HTML that is laid out, in bytes. Beyond it the tags are merely dropped.
const LARGEST: usize = 256 * 1024;
/// Most tables that are laid out: mail programs nest them for looks, and laying them out is costly.
const MOST_TABLES: usize = 200;
/// Deepest nesting that is laid out: the time grows with its square (20,000 levels take ten seconds).
const DEEPEST: usize = 500;
/// Tags that are rarely or never closed, so they say nothing of depth.
const UNCLOSED: [&str; 12] = ["br", "img", "hr", "meta", "input", "link", "p", "li", "tr", "td", "th", "option"];
/// Column at which text wraps: wide, since lines are read by programs and people with scroll bars.
const WIDTH: usize = 200;

/// HTML as text. Never fails: what cannot be laid out has its tags dropped.
pub(super) fn to_text(html: &str) -> String {
    let tables = html.as_bytes().windows(6).filter(|tag| tag.eq_ignore_ascii_case(b"<table")).count();
    if html.len() > LARGEST || tables > MOST_TABLES || depth(html) > DEEPEST {
        return without_tags(html);
    }
    html2text::config::plain_no_decorate()
        .allow_width_overflow()
        .string_from_read(html.as_bytes(), WIDTH)
        .unwrap_or_else(|_| without_tags(html))
}

/// The greatest number of tags open at once. An end tag counts only for an open tag of its own name: otherwise
/// `<div></x><div></x>…` would seem flat.
fn depth(html: &str) -> usize {
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    let (mut now, mut deepest) = (0usize, 0);
    for tag in html.split('<').skip(1) {
        let end = tag.starts_with('/');
        let name: String =
            tag.chars().skip(usize::from(end)).take_while(char::is_ascii_alphanumeric).take(20).collect();
        if name.is_empty() || UNCLOSED.iter().any(|unclosed| unclosed.eq_ignore_ascii_case(&name)) {
            continue;
        }
        let same = open.entry(name.to_ascii_lowercase()).or_default();
        if !end {
            *same += 1;
            now += 1;
            deepest = deepest.max(now);
        } else if *same > 0 {
            *same -= 1;
            now -= 1;
        }
    }
    deepest
}

fn without_tags(html: &str) -> String {
    let mut inside = false;
    html.chars()
        .filter(|c| match c {
            '<' => {
                inside = true;
                false
            }
            '>' if inside => {
                inside = false;
                false
            }
            _ => !inside,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_go_and_words_stay() {
        assert_eq!(to_text("<p>Dear <b>team</b></p>").trim(), "Dear team");
    }

    #[test]
    fn an_ordinary_newsletter_is_not_deep() {
        assert_eq!(depth(&"<table><tr><td><p>word<br><a href=x>link</a></table>".repeat(1000)), 2);
    }

    #[test]
    fn m08_huge_or_deeply_nested_html_is_bounded() {
        assert_eq!(to_text(&"<table><tr><td>".repeat(5000)).trim(), "");
        assert!(to_text(&format!("{}word", "<div>".repeat(20_000))).contains("word"));
        assert_eq!(depth(&"<div></x>".repeat(20_000)), 20_000);
        assert!(to_text(&"word <i>".repeat(100_000)).contains("word"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_tag_soup_becomes_text(soup in "(<[/a-z]{1,6}( [a-z]{1,7}=\"?[0-9a-z%-]{0,8}\"?)?>|[a-zé ]|&[a-z#0-9]{1,5};){0,60}") {
            to_text(&soup);
        }
    }
}
