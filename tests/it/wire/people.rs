//! People at work in the mailbox while Daymark is, and who mean something by what they drag.

use std::time::Duration;

use daymark::pipeline::handle::Came;

use super::*;
use crate::servers::{Action, Rule, until};
use crate::world::WATCHED;
use crate::world::people::{REFERRER, learning, wren};

#[test]
fn m18_a_folder_renamed_or_removed_is_made_again_and_filing_goes_on() {
    let mut world = council();
    sends(&mut world, &wren(), REFERRER);
    world.at("2026-03-27 09:00").at("2026-03-27 09:05");
    let wires = world.wires();
    let mut person = wires.person();
    person.rename("Daymark/Processed", "Done");
    person.remove("Daymark/Treat as referral");
    let filed = wires.lying_in("Daymark/Ours").len();

    sends(&mut world, &learning(), REFERRER);
    world.at("2026-03-27 09:10").at("2026-03-27 09:15");
    assert_eq!(world.cases().len(), 2);
    assert_eq!((wires.lying_in("Done").len(), wires.lying_in("Daymark/Processed").len()), (1, 1));
    assert!(person.folders().contains(&"Daymark/Treat as referral".to_owned()));
    assert_eq!(wires.lying_in("Daymark/Ours").len(), filed + 2);
    assert!(wires.lying_in("INBOX").is_empty());
}

#[test]
fn m18_a_mail_a_person_moves_while_it_is_handled_is_handled_once() {
    let mut world = council();
    let wires = world.wires();
    wires.person().create("My own");
    wires.imap().rule(Rule { when: "UID MOVE", nth: Some(1), do_: Action::Delay(Duration::from_secs(1)) });
    sends(&mut world, &wren(), REFERRER);
    let moves = wires.imap().count("UID MOVE");
    let hand = std::thread::spawn({
        let wires = world.wires();
        move || {
            until("Daymark to move the mail", || (wires.imap().count("UID MOVE") > moves).then_some(()));
            wires.imap().black_hole(true);
            let uid = wires.lying_in("INBOX")[0].uid;
            wires.person().drag(uid, "INBOX", "My own");
            wires.imap().black_hole(false);
        }
    });
    world.at("2026-03-27 09:00");
    hand.join().unwrap();
    assert_eq!(wires.subjects_in("My own"), ["Referral"], "it lies where the person wants it");
    world.at("2026-03-27 09:05").at("2026-03-27 09:10");
    assert_eq!((world.cases().len(), has(&world, REFERRER, "")), (1, 1));
    assert_eq!(counts(&mut world).handled, 1);
}

#[test]
fn m10_what_people_delete_while_mails_are_fetched_is_gone_and_the_rest_is_here() {
    let mut world = council();
    let wires = world.wires();
    let fetched = wires.imap().count("BODY.PEEK[]");
    wires.imap().rule(Rule { when: "BODY.PEEK[]", nth: Some(1), do_: Action::Delay(Duration::from_secs(1)) });
    sends(&mut world, &wren(), REFERRER);
    asks(&mut world, WARD);
    sends(&mut world, &learning(), REFERRER);
    let hand = std::thread::spawn({
        let wires = world.wires();
        move || {
            until("Daymark to fetch", || (wires.imap().count("BODY.PEEK[]") > fetched).then_some(()));
            wires.imap().black_hole(true);
            let question =
                wires.lying_in("INBOX").into_iter().find(|mail| mail.header("Subject").unwrap() != "Referral");
            wires.person().delete(question.unwrap().uid, "INBOX");
            wires.imap().black_hole(false);
        }
    });
    world.at("2026-03-27 09:00");
    hand.join().unwrap();
    world.at("2026-03-27 09:05");
    assert_eq!((world.cases().len(), held(&mut world).len(), world.mails_to(WARD).len()), (2, 0, 0));
    world.left_out = 1;
}

#[test]
fn m20_a_mail_dragged_back_to_the_inbox_is_tried_again_once() {
    let mut world = council();
    sends(&mut world, &wren(), REFERRER);
    world.at("2026-03-27 09:00").at("2026-03-27 09:05");
    let wires = world.wires();
    let arrived = counts(&mut world).arrived;
    let filed = wires.lying_in("Daymark/Processed");
    assert_eq!(filed.len(), 1);
    wires.person().drag(filed[0].uid, "Daymark/Processed", "INBOX");

    let pass = pass_at(&mut world, "2026-03-27 09:10");
    assert!(pass.went_well(), "{pass:?}");
    assert!(matches!(&pass.received.mails[..], [(_, Came::Cases(cases))] if cases.len() == 1), "{pass:?}");
    assert_eq!((world.cases().len(), counts(&mut world).arrived), (1, arrived), "the row has followed the mail");
    assert_eq!(wires.lying_in("Daymark/Processed").len(), 1);
    world.at("2026-03-27 09:15");
    let pass = pass_at(&mut world, "2026-03-27 09:20");
    assert_eq!(pass.received.mails.len(), 0, "once: {pass:?}");
    assert!(wires.lying_in("INBOX").is_empty());
    assert_eq!((world.sent("acknowledgement"), world.sent("new-case")), (1, 1));
}

#[test]
fn m20_a_mail_dragged_into_treat_as_referral_is_a_referral_once() {
    let mut world = council();
    // It says it comes from this mailbox itself, so it waits for a person.
    sends(&mut world, &wren(), WATCHED);
    let pass = pass_at(&mut world, "2026-03-27 09:00");
    assert!(pass.went_well(), "{pass:?}");
    let wires = world.wires();
    let waiting = wires.lying_in("INBOX");
    assert_eq!((held(&mut world).len(), world.cases().len(), waiting.len()), (1, 0, 1));
    wires.person().drag(waiting[0].uid, "INBOX", "Daymark/Treat as referral");
    world.at("2026-03-27 09:10").at("2026-03-27 09:15").at("2026-03-27 09:20");
    assert_eq!((held(&mut world).len(), world.cases().len(), world.sent("new-case")), (0, 1, 1));
    for folder in ["INBOX", "Daymark/Treat as referral"] {
        assert!(wires.lying_in(folder).is_empty(), "{folder}");
    }
    assert_eq!(wires.lying_in("Daymark/Processed").len(), 1);
}
