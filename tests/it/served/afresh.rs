//! Older mail at a person's word, and mail that is too large or was damaged.

use chrono::NaiveDate;
use daymark::cli::work;
use daymark::core::deadline::{self, Status};
use daymark::pipeline::receive::{self, Import};
use daymark::pipeline::{cases, receive::ReceiveError};
use daymark::store::MailState;

use super::{Council, INBOX};
use crate::world::people::{REFERRER, learning, wren};
use crate::world::{WORD, wall};

const WARD: &str = "ward@harbour-hospital.example";

fn import(council: &mut Council, since: &str, really: bool) -> Import {
    let since: NaiveDate = since.parse().unwrap();
    let now = council.world.now();
    let Council { world, office, mailbox, .. } = council;
    let of = &office.settings.mailboxes[0];
    let done = receive::import(world.store(), mailbox, office, of, since, really, now);
    work::wait(async {
        Ok(done.await.map_err(|error| match error {
            ReceiveError::Store(error) => error,
            ReceiveError::Mailbox(error) => panic!("{error}"),
        })?)
    })
    .unwrap()
}

#[test]
fn m19_older_mail_is_taken_in_at_a_persons_word_from_that_day_on() {
    let mut council = Council::unmet();
    let (before, since) = (council.form(&wren(), REFERRER), council.form(&learning(), REFERRER));
    let question = council.mail(WARD, "A question", &[]);
    council.mailbox.arrived(INBOX, &before, wall("2026-03-19 23:59").at);
    council.mailbox.arrived(INBOX, &since, wall("2026-03-20 00:00").at);
    council.mailbox.arrived(INBOX, &question, wall("2026-03-24 12:00").at);
    assert_eq!(council.passes().received.older, 3);

    let preview = import(&mut council, "2026-03-20", false);
    let days: Vec<(String, usize)> = preview.days.iter().map(|(day, n)| (day.to_string(), *n)).collect();
    assert_eq!(days, [("2026-03-20".to_owned(), 1), ("2026-03-24".to_owned(), 1)]);
    assert_eq!((preview.count(), preview.received.mails.len(), council.mailbox.fetched.len()), (2, 0, 0));
    assert_eq!(council.counts().arrived, 0, "a preview takes nothing in");

    let done = import(&mut council, "2026-03-20", true);
    assert_eq!((done.count(), done.received.mails.len(), council.cases().len()), (2, 2, 1));
    assert_eq!((council.counts().older, council.held().len()), (1, 1));
    assert_eq!((council.mailbox.lying("Processed").len(), council.mailbox.lying(INBOX).len()), (1, 2));
    assert_eq!(import(&mut council, "2026-03-20", true).count(), 0, "once");
    council.at("2026-03-27 09:10").passes();
    assert_eq!(council.states("new-case").len(), 1);
}

#[test]
fn an_older_mail_that_has_come_by_another_road_since_is_its_twin() {
    let mut council = Council::unmet();
    let form = council.form(&wren(), REFERRER);
    council.mailbox.arrived(INBOX, &form, wall("2026-03-24 12:00").at);
    council.passes();
    council.arrives(&form);
    council.at("2026-03-27 09:10").passes();
    let done = import(&mut council, "2026-03-01", true);
    assert_eq!((done.count(), done.received.mails.len(), council.cases().len()), (1, 0, 1));
    let rows: Vec<_> = [1, 2].map(|id| council.store().read().mail(daymark::store::MailId(id)).unwrap().state).into();
    assert_eq!(rows, [MailState::Twin, MailState::Handled]);
    assert!(council.mailbox.lying(INBOX).is_empty(), "and it is filed with it");
}

#[test]
fn m06_a_date_that_passed_while_the_mail_lay_there_is_red_and_no_date_of_before_it() {
    let mut council = Council::new();
    let mut referral = wren();
    referral.la_aware = Some("2026-03-27".parse().unwrap());
    let form = council.form(&referral, REFERRER);
    council.mailbox.arrived(INBOX, &form, wall("2026-03-27 16:00").at);
    // Down until well after the first clocks have run out.
    council.at("2026-05-20 09:00").passes();
    let (reference, office) = (council.cases().remove(0), council.world.office());
    let loaded = cases::load(&council.store().read(), &office, &reference).unwrap();
    let today = council.world.now().today();
    let clocks = deadline::of(&loaded.case, &loaded.procedure, &office.calendar, today);
    let passed: Vec<_> = clocks.iter().filter(|clock| clock.due.is_some_and(|due| due < today)).collect();
    assert!(!passed.is_empty());
    assert!(passed.iter().all(|clock| clock.status != Status::PassedBeforeReceipt), "{passed:#?}");
    assert!(passed.iter().any(|clock| clock.status == Status::Overdue), "{passed:#?}");
}

#[test]
fn m09_a_mail_larger_than_is_read_is_set_aside_and_its_sender_told() {
    let mut council = Council::dedicated();
    council.office.settings.largest_mail = 100_000;
    let film = council.mail(WARD, "A film", &[("film.bin", "application/octet-stream", &vec![b'x'; 200_000])]);
    let form = council.form(&wren(), REFERRER);
    council.arrives(&film);
    council.arrives(&form);
    let pass = council.pass();
    assert_eq!(pass.received.mails.len(), 2, "{pass:?}");
    let held = council.held();
    assert_eq!((held.len(), held[0].state), (1, MailState::SetAside));
    assert!(held[0].why.as_deref().unwrap().contains("larger than"));
    assert_eq!((council.post.sent_to(WARD), council.cases().len()), (1, 1));
    assert_eq!(council.mailbox.lying("For a person").len(), 1);
    council.at("2026-03-28 09:10").pass();
    assert_eq!(council.post.sent_to(WARD), 1, "once");
}

#[test]
fn m17_a_form_damaged_on_its_way_says_so_to_its_sender_and_in_the_case() {
    let mut council = Council::new();
    let form = council.form(&wren(), REFERRER);
    let text = String::from_utf8(form).unwrap();
    // A letter that base64 does not know, in the last line of the file.
    let end = text.rfind("\r\n--").unwrap();
    let damaged = format!("{}\r\n!{}", &text[..end], &text[end..]);
    council.arrives(damaged.as_bytes());
    council.pass();
    let told = council.post.taken.iter().find(|(to, _)| to == &[REFERRER]).expect("its sender is told");
    let words = daymark::codec::mime::read(&told.1).text.reveal().clone();
    assert_eq!((council.held().len(), council.cases().len()), (0, 1), "what can be read of it is read");
    assert!(words.contains("damaged on its way"), "{words}");
    let (reference, office) = (council.cases().remove(0), council.world.office());
    let loaded = cases::load(&council.store().read(), &office, &reference).unwrap();
    let problems = &loaded.case.forms[0].1.problems;
    assert!(problems.iter().any(|(_, message, _)| message.contains("damaged on its way")), "{problems:?}");
}

#[test]
fn m17_a_file_that_cannot_be_read_for_its_damage_is_listed_with_that_reason_and_its_sender_told() {
    let mut council = Council::new();
    let form = daymark::codec::sample_form::tees(&wren());
    let mail = council.mail(WARD, "Referral", &[("form.docx", WORD, &form)]);
    let text = String::from_utf8(mail).unwrap();
    // The end of the file is lost, in the middle of a group of four letters.
    let start = text.find("UEsDB").expect("a zip in base64");
    let is_letter = |c: &(usize, char)| !c.1.is_ascii_whitespace();
    let cut = text[start..].char_indices().filter(is_letter).nth(2001).unwrap().0 + start;
    let end = cut + text[cut..].find("\r\n--").unwrap();
    let damaged = format!("{}{}", &text[..cut], &text[end..]);
    council.arrives(damaged.as_bytes());
    council.pass();
    let held = council.held();
    assert_eq!(held.len(), 1);
    assert!(held[0].why.as_deref().unwrap().contains("damaged on its way"), "{held:?}");
    assert_eq!(council.post.sent_to(WARD), 1, "received, and a person will look");
}
