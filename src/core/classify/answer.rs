//! Whether, and where, an acknowledgement may go.

use super::super::inbound::InboundMail;

/// More `Received` lines than this are a loop (RFC 5321 section 6.3 asks for at least 100; real paths have a dozen).
const LOOP: usize = 50;

/// What the sender may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing: a machine wrote, or there is nobody to answer.
    None,
    /// That a person will look at it: nothing of any case (P03).
    Neutral(String),
    /// The reference of the case: sender and form come from the same organisation.
    WithReference(String),
}

/// Whether a machine may answer this mail (L04; RFC 3834 section 2). A doubt means no: silence harms nobody,
/// a loop does. How often one sender is answered is not decided here.
pub fn may_answer(mail: &InboundMail, own_addresses: &[String]) -> bool {
    let Some(from) = mail.from.as_deref() else { return false };
    let marks = &mail.marks;
    let by_machine = mail.return_path.as_deref() == Some("")
        || mail.report.is_some()
        || mail.daymark_id.is_some()
        || marks.report
        || marks.receipt
        || marks.calendar
        || marks.list
        || marks.received_count > LOOP
        || marks.auto_submitted.as_deref().is_some_and(|word| word != "no")
        || marks.precedence.as_deref().is_some_and(|word| matches!(word, "bulk" | "junk" | "list" | "auto_reply"))
        || super::says_out_of_office(mail.subject.reveal());
    let is_own = |address: &str| own_addresses.iter().any(|own| own.eq_ignore_ascii_case(address));
    !by_machine && domain(from).is_some() && !takes_no_mail(from) && !is_own(from)
}

/// Where an answer goes, and how much it may say. `form_email` is the address typed on the form: a claim, used
/// only to compare domains. The answer goes to `From`; to `Reply-To` only within the same domain.
pub fn answer_to(mail: &InboundMail, own_addresses: &[String], form_email: Option<&str>) -> Answer {
    let Some(from) = mail.from.as_deref().filter(|_| may_answer(mail, own_addresses)) else {
        return Answer::None;
    };
    let same_domain = |other: Option<&str>| other.and_then(domain).is_some() && other.and_then(domain) == domain(from);
    let reply_to = mail.reply_to.as_deref().filter(|address| {
        same_domain(Some(address))
            && !takes_no_mail(address)
            && !own_addresses.iter().any(|own| own.eq_ignore_ascii_case(address))
    });
    let to = reply_to.unwrap_or(from).to_owned();
    if same_domain(form_email) { Answer::WithReference(to) } else { Answer::Neutral(to) }
}

/// The domain, lower case, without the suffix that Criminal Justice Secure Mail adds to it.
fn domain(address: &str) -> Option<String> {
    let (local, domain) = address.trim().rsplit_once('@')?;
    let domain = domain.to_lowercase();
    let domain = domain.strip_suffix(".cjsm.net").unwrap_or(&domain);
    (!local.is_empty() && !domain.is_empty()).then(|| domain.to_owned())
}

/// Whether a mail server itself is the sender: its mail is about other mail, perhaps ours.
pub(super) fn is_mail_server(address: Option<&str>) -> bool {
    address.and_then(|address| address.split('@').next()).is_some_and(|local| {
        let letters: String = local.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        letters == "mailerdaemon" || letters == "postmaster" || letters.starts_with("microsoftexchange")
    })
}

/// Senders that no person reads (Alaveteli #9496): `no-reply`, `do.not.reply`, `mailer-daemon`, list managers.
fn takes_no_mail(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default().to_lowercase();
    let letters: String = local.chars().filter(|c| c.is_alphanumeric()).collect();
    ["noreply", "donotreply", "mailerdaemon", "autoreply", "nepasrepondre"].iter().any(|name| letters.contains(name))
        || ["postmaster", "bounce", "bounces", "majordomo", "listserv", "mailman", "daemon"]
            .iter()
            .any(|name| letters == *name)
        || is_mail_server(Some(address))
        || local.starts_with("owner-")
        || local.starts_with("bounce")
        || ["-request", "-owner", "-bounces"].iter().any(|end| local.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::inbound::{DeliveryReport, Marks};

    const OWN: &str = "referrals@council.example";

    fn from(address: &str) -> InboundMail {
        InboundMail { from: Some(address.to_owned()), ..InboundMail::default() }
    }

    fn answerable(mail: &InboundMail) -> bool {
        may_answer(mail, &[OWN.to_owned()])
    }

    #[test]
    fn l04_machines_lists_and_loops_get_no_answer() {
        let person = from("wren@school.example");
        assert!(answerable(&person));
        let marked = |marks| InboundMail { marks, ..person.clone() };
        let word = |text: &str| Some(text.to_owned());
        let silent = [
            marked(Marks { auto_submitted: word("auto-generated"), ..Marks::default() }),
            marked(Marks { precedence: word("bulk"), ..Marks::default() }),
            marked(Marks { list: true, ..Marks::default() }),
            marked(Marks { report: true, ..Marks::default() }),
            marked(Marks { calendar: true, ..Marks::default() }),
            marked(Marks { received_count: 51, ..Marks::default() }),
            InboundMail { return_path: word(""), ..person.clone() },
            InboundMail { subject: "Automatic reply: hello".into(), ..person.clone() },
            InboundMail {
                report: Some(DeliveryReport {
                    original_message_id: None,
                    original_daymark_id: None,
                    recipients: Vec::new(),
                }),
                ..person.clone()
            },
            InboundMail { from: None, ..person.clone() },
        ];
        for (number, mail) in silent.iter().enumerate() {
            assert!(!answerable(mail), "case {number}");
        }
        assert!(answerable(&marked(Marks { auto_submitted: word("no"), received_count: 50, ..Marks::default() })));
    }

    #[test]
    fn l04_addresses_that_nobody_reads_get_no_answer() {
        for address in [
            "no-reply@x.example",
            "team.noreply@x.example",
            "Do_Not_Reply@x.example",
            "MAILER-DAEMON@x.example",
            "postmaster@x.example",
            "owner-list@x.example",
            "list-request@x.example",
            "bounces+12@x.example",
            "nobody",
            OWN,
        ] {
            assert!(!answerable(&from(address)), "{address}");
        }
        assert!(answerable(&from("noreen.oply@x.example")));
    }

    #[test]
    fn l03_mail_from_another_daymark_gets_no_answer() {
        assert!(!answerable(&InboundMail { daymark_id: Some("d1".to_owned()), ..from("wren@school.example") }));
    }

    #[test]
    fn p03_the_reference_goes_only_to_the_domain_on_the_form() {
        let mail = from("wren@north.police.example.cjsm.net");
        let to = "wren@north.police.example.cjsm.net".to_owned();
        let ask = |form| answer_to(&mail, &[], form);
        assert_eq!(ask(Some("Wren@NORTH.police.example")), Answer::WithReference(to.clone()));
        assert_eq!(ask(Some("wren@police.example")), Answer::Neutral(to.clone()));
        assert_eq!(ask(Some("not an address")), Answer::Neutral(to.clone()));
        assert_eq!(ask(None), Answer::Neutral(to));
    }

    #[test]
    fn p03_the_answer_never_follows_reply_to_into_another_domain() {
        let mut mail = from("wren@school.example");
        mail.reply_to = Some("collector@elsewhere.example".to_owned());
        assert_eq!(answer_to(&mail, &[], None), Answer::Neutral("wren@school.example".to_owned()));
        mail.reply_to = Some("office@school.example".to_owned());
        assert_eq!(answer_to(&mail, &[], None), Answer::Neutral("office@school.example".to_owned()));
    }
}
