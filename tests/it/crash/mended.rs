//! Faults that stopping the program showed, each by itself.

use crate::crash::ABORTED;
use crate::office::{Office, mail, words};
use std::os::unix::process::ExitStatusExt;

const HOSPITAL: &str = "imogen.vale@harbour-hospital.example";
const MORNING: &str = "2026-03-30T10:00:00+01:00";

fn put_form(office: &Office, order: u64, child: &str) {
    let referral =
        mail::referral(HOSPITAL, child, &format!("2016-05-{:02}", order + 10), &format!("99900000{order:02}"));
    office.put(order, &mail::form(&format!("form{order}"), &referral));
}

fn stopped(output: &std::process::Output) {
    assert_eq!(output.status.signal(), Some(ABORTED), "{}", words(output));
}

/// The folder was made before first contact was noted, so its first mail counted as older and was never read.
#[test]
fn the_first_mail_of_a_folder_made_while_the_power_failed_is_read() {
    let office = Office::empty();
    stopped(&office.init(Some("init.before-mail-folder")));
    assert!(office.init(None).status.success());
    office.configure("");
    put_form(&office, 1, "Wren Sample");
    let said = office.well(MORNING, &["once"]);
    assert!(said.contains("mail 1: REF-2026-0001"), "{said}");
}

/// It had written `daymark.toml` first, and then refused to go on because there was one.
#[test]
fn init_stopped_half_way_may_be_typed_again() {
    let office = Office::empty();
    stopped(&office.init(Some("init.before-data-file")));
    assert!(!office.folder().join("daymark.toml").exists());
    let contacts = office.folder().join("contacts.toml");
    std::fs::write(&contacts, "# filled in meanwhile\n").unwrap();
    let again = office.init(None);
    assert!(again.status.success(), "{}", words(&again));
    assert_eq!(std::fs::read_to_string(contacts).unwrap(), "# filled in meanwhile\n");
    assert_eq!(office.init(None).status.code(), Some(2), "what is there is left as it is");
}

/// What had been kept of it, cut short, was read as if it were the whole mail.
#[test]
fn m09_a_mail_cut_for_its_size_is_not_read_after_a_stop_and_its_sender_told_once() {
    let office = Office::new("largest_mail_mb = 1");
    let film = vec![b'x'; 1 << 20];
    office.put(1, &mail::with_file(HOSPITAL, "film", "film.bin", "application/octet-stream", &film));
    stopped(&office.run(MORNING, Some("store.set-aside.before-commit"), &["once"]));
    office.well(MORNING, &["once"]);
    let held = office.well(MORNING, &["held"]);
    assert!(held.contains("larger than 1 MB"), "{held}");
    let letters = office.letters();
    let told: Vec<_> = letters.iter().filter(|(to, ..)| to == HOSPITAL).collect();
    assert_eq!(told.len(), 1, "nothing of it was read, and its sender was told once: {told:?}");
    assert!(told[0].3.contains("a person will look at it"), "{told:?}");
}

/// Typed again after the power failed, it was refused as if something were wrong.
#[test]
fn s05_an_approval_typed_again_is_already_given() {
    let office = Office::new("");
    put_form(&office, 1, "Wren Sample");
    office.well(MORNING, &["once"]);
    for line in [
        &["record", "REF-2026-0001", "school-recorded", "--child", "c1", "school=900001"][..],
        &["record", "REF-2026-0001", "notification-decided", "because=harm", "by-role=head"],
    ] {
        office.well(MORNING, line);
    }
    let approve = ["approve", "REF-2026-0001", "dsl-notification"];
    assert!(!office.well(MORNING, &approve).contains("already"));
    assert!(office.well(MORNING, &approve).contains("already"));
}

#[test]
fn r06_one_poisoned_case_and_the_others_of_its_batch_are_planned() {
    let office = Office::new("");
    put_form(&office, 1, "Wren Sample");
    put_form(&office, 2, "Jory Sample");
    office.well(MORNING, &["once"]);
    let data = rusqlite::Connection::open(office.folder().join("daymark.db")).unwrap();
    let poison = "DELETE FROM event_bodies WHERE seq IN (SELECT seq FROM events WHERE case_ref = 'REF-2026-0001')";
    assert!(data.execute(poison, []).unwrap() > 0);
    drop(data);

    let before = office.letters().len();
    put_form(&office, 3, "Perran Sample");
    let output = office.run("2026-04-01T08:00:00+01:00", None, &["once"]);
    let said = words(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("REF-2026-0001 could not be planned") && !said.contains("REF-2026-0002 could not"), "{said}");
    let to_the_referrer = office.letters().iter().filter(|(to, ..)| to == HOSPITAL).count();
    assert_eq!(to_the_referrer, 3, "the third case's acknowledgement left");
    assert!(office.letters().len() > before + 2, "and the reminder or digest of the morning");
}
