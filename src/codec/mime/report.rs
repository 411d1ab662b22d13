//! Delivery reports: RFC 3464 parts, read by hand because the MIME library hands them over as they are,
//! and the older bounces that only name `X-Failed-Recipients`.

use crate::core::inbound::{DeliveryReport, RecipientReport};

/// Most recipients kept of one report.
const MOST_RECIPIENTS: usize = 500;
/// Longest diagnostic kept, in characters.
const LONGEST_DIAGNOSTIC: usize = 500;

/// The recipients of a `message/delivery-status` part (RFC 3464 section 2.1): blocks of fields, a blank line
/// between them; the first block is about the whole message and names no recipient.
pub(super) fn recipients(status: &str) -> Vec<RecipientReport> {
    blocks(status)
        .iter()
        .filter_map(|fields| {
            let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
            let recipient = field("final-recipient").or_else(|| field("original-recipient"))?;
            let status = field("status").unwrap_or_default();
            let diagnostic = field("diagnostic-code").unwrap_or_default();
            Some(RecipientReport {
                address: address(recipient),
                action: field("action")
                    .unwrap_or_default()
                    .split_whitespace()
                    .next()
                    .unwrap_or_default()
                    .to_lowercase(),
                diagnostic: format!("{status} {diagnostic}").trim().chars().take(LONGEST_DIAGNOSTIC).collect(),
            })
        })
        .take(MOST_RECIPIENTS)
        .collect()
}

/// A bounce without a status part: the header lists who failed, and the text quotes the headers of our mail.
pub(super) fn plain_bounce(failed_recipients: &str, text: &str) -> DeliveryReport {
    let quoted = |name: &str| {
        text.lines()
            .filter_map(|line| line.trim_start_matches(['>', ' ', '\t']).split_once(':'))
            .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().trim_matches(['<', '>']).to_owned())
            .filter(|value| !value.is_empty())
    };
    DeliveryReport {
        original_message_id: quoted("X-Microsoft-Original-Message-ID").or_else(|| quoted("Message-ID")),
        original_daymark_id: quoted("X-Daymark-Id"),
        recipients: failed_recipients
            .split(',')
            .map(address)
            .filter(|found| !found.is_empty())
            .take(MOST_RECIPIENTS)
            .map(|address| RecipientReport {
                address,
                action: "failed".to_owned(),
                diagnostic: "The other server said only that it could not deliver.".to_owned(),
            })
            .collect(),
    }
}

/// `rfc822; Wren@X.example` → `wren@x.example`; also `<wren@x.example>`.
fn address(value: &str) -> String {
    let value = value.rsplit_once(';').map_or(value, |(_, address)| address);
    value.trim().trim_matches(['<', '>', ' ']).to_lowercase()
}

fn blocks(text: &str) -> Vec<Vec<(String, String)>> {
    let mut blocks: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for line in text.lines() {
        let Some(block) = blocks.last_mut() else { break };
        if line.trim().is_empty() {
            if !block.is_empty() {
                blocks.push(Vec::new());
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = block.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((key, value)) = line.split_once(':') {
            block.push((key.trim().to_lowercase(), value.trim().to_owned()));
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; Lead@School.Example\nAction: failed\n\
                          Status: 4.7.1\nDiagnostic-Code: smtp; 451 4.7.1\n try later\n\n\
                          Final-Recipient: rfc822;gp@surgery.example\nAction: Delayed (will retry)\nStatus: 4.7.1\n";

    #[test]
    fn l01_each_recipient_of_a_report_has_its_own_outcome() {
        let found = recipients(STATUS);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].address, "lead@school.example");
        assert_eq!(found[0].action, "failed");
        assert_eq!(found[0].diagnostic, "4.7.1 smtp; 451 4.7.1 try later");
        assert_eq!(found[1].address, "gp@surgery.example");
    }

    #[test]
    fn l07_the_action_decides_and_not_the_status_class() {
        let actions: Vec<_> = recipients(STATUS).into_iter().map(|recipient| recipient.action).collect();
        assert_eq!(actions, ["failed", "delayed"]);
    }

    #[test]
    fn l06_a_plain_bounce_is_tied_to_our_mail_by_the_quoted_ids() {
        let text =
            "This is a copy\n> Subject: another letter\n> Message-ID: <m1@daymark.example>\n> X-Daymark-Id: d1\n";
        let report = plain_bounce("Lead@School.example, gp@surgery.example", text);
        assert_eq!(report.original_message_id.as_deref(), Some("m1@daymark.example"));
        assert_eq!(report.original_daymark_id.as_deref(), Some("d1"));
        assert_eq!(report.recipients.len(), 2);
        assert_eq!(report.recipients[0].address, "lead@school.example");
    }
}
