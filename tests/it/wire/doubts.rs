//! Letters of which nobody can say whether they left.

use daymark::core::event::CaseEvent;
use daymark::core::ids::TemplateId;
use daymark::pipeline::draft::Draft;
use daymark::store::{NewMessage, RecipientState};

use super::*;
use crate::servers::{Action, Rule};
use crate::world::people::{REFERRER, wren};

const ALWAYS: Option<u32> = None;

/// A council that has a form, whose letters the mail server puts off: an acknowledgement for the referrer, outside, and
/// the new case for the notifier, inside.
fn with_letters_that_wait() -> World {
    let mut world = council();
    world.wires().smtp().rule(Rule {
        when: "MAIL FROM",
        nth: ALWAYS,
        do_: Action::Answer("451 4.3.0 Try again later"),
    });
    sends(&mut world, &wren(), REFERRER);
    let pass = pass_at(&mut world, "2026-03-27 09:00");
    assert_eq!((pass.sent.sent, pass.sent.failed), (0, 0), "{pass:?}");
    assert_eq!(both(&mut world), [MessageState::Released; 2]);
    world.wires().smtp().clear();
    world
}

/// The acknowledgement and the new case.
fn both(world: &mut World) -> [MessageState; 2] {
    ["acknowledgement", "new-case"].map(|template| {
        let states = states(world, template);
        assert_eq!(states.len(), 1, "{template}");
        states[0]
    })
}

/// How many mails the referrer and the notifier have, of the form.
fn arrived(world: &World) -> [usize; 2] {
    [world.mails_to(REFERRER).len(), world.mails_to(NOTIFIER).len()]
}

/// From now on the connection is cut at the final dot: after the server has the letter, or before.
fn cuts_at_the_dot(world: &World, do_: Action) {
    world.wires().smtp().rule(Rule { when: "dot", nth: ALWAYS, do_ });
}

#[test]
fn o04_cut_after_the_final_dot_the_copy_settles_it_and_nothing_is_sent_again() {
    let mut world = with_letters_that_wait();
    cuts_at_the_dot(&world, Action::SwallowAndClose);
    pass_at(&mut world, "2026-03-27 09:05");
    assert_eq!(both(&mut world), [MessageState::Unknown; 2]);
    world.wires().smtp().clear();
    // The copies lie in the mailbox by now.
    world.at("2026-03-27 09:06");
    assert_eq!(both(&mut world), [MessageState::Sent; 2]);
    world.at("2026-03-27 09:40").at("2026-03-27 10:40");
    assert_eq!(arrived(&world), [1, 1]);
}

#[test]
fn o04_without_a_copy_inside_mail_is_sent_once_more_and_an_outside_letter_waits_for_a_person() {
    let mut world = with_letters_that_wait();
    cuts_at_the_dot(&world, Action::Close);
    pass_at(&mut world, "2026-03-27 09:05");
    assert_eq!(both(&mut world), [MessageState::Unknown; 2]);
    world.wires().smtp().clear();
    pass_at(&mut world, "2026-03-27 09:30");
    assert_eq!((both(&mut world), arrived(&world)), ([MessageState::Unknown; 2], [0, 0]), "the copy may be on its way");

    pass_at(&mut world, "2026-03-27 09:36");
    assert_eq!((both(&mut world), arrived(&world)), ([MessageState::Unknown, MessageState::Sent], [0, 1]));
    let asked = rows(&mut world, "acknowledgement").remove(0);
    assert_eq!(asked.why.as_deref(), Some("may have gone at 09:05: send again?"));
    pass_at(&mut world, "2026-03-27 12:00");
    assert_eq!(arrived(&world), [0, 1], "nobody has said so");

    // A person's word.
    world.store().write(|tx| tx.retry(asked.id)).unwrap();
    world.at("2026-03-27 12:05").at("2026-03-27 12:10");
    assert_eq!((both(&mut world), arrived(&world)), ([MessageState::Sent; 2], [1, 1]));
}

#[test]
fn o04_inside_mail_is_sent_again_once_and_then_waits_too() {
    let mut world = with_letters_that_wait();
    cuts_at_the_dot(&world, Action::Close);
    let smtp = world.wires();
    pass_at(&mut world, "2026-03-27 09:05");
    let before = smtp.smtp().count("dot");
    pass_at(&mut world, "2026-03-27 09:36");
    assert_eq!(smtp.smtp().count("dot"), before + 1, "the new case, and not the acknowledgement");
    for later in ["2026-03-27 10:10", "2026-03-27 11:00", "2026-03-27 13:00"] {
        pass_at(&mut world, later);
    }
    assert_eq!(smtp.smtp().count("dot"), before + 1, "once");
    assert_eq!(both(&mut world), [MessageState::Unknown; 2]);
    let asked = rows(&mut world, "new-case").remove(0);
    assert_eq!(asked.why.as_deref(), Some("may have gone at 09:36: send again?"));
    world.bounced = true;
}

#[test]
fn o01_a_copy_ten_minutes_late_finds_the_letter_sent_once() {
    let mut world = with_letters_that_wait();
    let wires = world.wires();
    // What leaves stays on the way, with its copy: the mailboxes are down.
    wires.goes_down();
    cuts_at_the_dot(&world, Action::SwallowAndClose);
    let pass = pass_at(&mut world, "2026-03-27 09:05");
    assert!(pass.unread.is_some(), "{pass:?}");
    assert_eq!(both(&mut world), [MessageState::Unknown; 2]);
    wires.smtp().clear();
    let handed_over = wires.smtp().count("dot");
    for meanwhile in ["2026-03-27 09:07", "2026-03-27 09:10", "2026-03-27 09:15"] {
        let pass = pass_at(&mut world, meanwhile);
        assert!(pass.unread.is_some(), "{pass:?}");
    }
    assert_eq!((both(&mut world), wires.smtp().count("dot")), ([MessageState::Unknown; 2], handed_over));

    wires.comes_up();
    world.at("2026-03-27 09:16");
    assert_eq!(both(&mut world), [MessageState::Sent; 2]);
    world.at("2026-03-27 09:40").at("2026-03-27 10:40");
    assert_eq!((arrived(&world), wires.smtp().count("dot")), ([1, 1], handed_over));
}

/// The copies in the inbox come out of a relay that has changed their headers.
fn relay_rewrites(world: &World, rewrite: impl Fn(&str) -> String) {
    let wires = world.wires();
    let mut changed = 0;
    for mail in wires.lying_in("INBOX") {
        let text = String::from_utf8(mail.raw.clone()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let rewritten = format!("{}\r\n\r\n{body}", rewrite(&format!("{head}\r\n")).trim_end());
        assert_ne!(rewritten, text);
        let mut person = wires.person();
        person.delete(mail.uid, "INBOX");
        person.append("INBOX", &mail.arrived, rewritten.as_bytes());
        changed += 1;
    }
    assert_eq!(changed, 2, "a copy of each");
}

#[test]
fn o02_a_copy_whose_message_id_a_relay_has_rewritten_is_recognised() {
    let without = |head: &str, name: &str| -> String {
        head.split_inclusive("\r\n").filter(|line| !line.starts_with(name)).collect()
    };
    let rewritten =
        |head: &str| format!("Message-ID: <0102@eu-west.relay.example>\r\n{}", without(head, "Message-ID:"));
    // Outlook's submission server keeps the old one, and this one drops what it does not know.
    let by_outlook = |head: &str| {
        let old = head.replace("Message-ID:", "X-Microsoft-Original-Message-ID:");
        format!("Message-ID: <0102@outlook.example>\r\n{}", without(&old, "X-Daymark-Id:"))
    };
    let rewrites: [&dyn Fn(&str) -> String; 2] = [&rewritten, &by_outlook];
    for rewrite in rewrites {
        let mut world = with_letters_that_wait();
        cuts_at_the_dot(&world, Action::SwallowAndClose);
        pass_at(&mut world, "2026-03-27 09:05");
        assert_eq!(both(&mut world), [MessageState::Unknown; 2]);
        world.wires().smtp().clear();
        relay_rewrites(&world, rewrite);
        world.at("2026-03-27 09:06");
        assert_eq!(both(&mut world), [MessageState::Sent; 2]);
        world.at("2026-03-27 10:40");
        assert_eq!((arrived(&world), held(&mut world).len(), world.cases().len()), ([1, 1], 0, 1));
        assert_eq!(world.wires().lying_in("INBOX").len(), 0, "filed with our own");
    }
}

#[test]
fn o05_of_three_recipients_one_is_refused_the_others_get_it_once_and_it_becomes_a_job() {
    let mut world = council();
    sends(&mut world, &wren(), REFERRER);
    world.at("2026-03-27 09:00").at("2026-03-27 09:05").looks_away();
    let people = ["one@police.example", "refused-two@police.example", "three@police.example"].map(str::to_owned);
    let case = world.cases().remove(0);
    let (mailbox, now) = (world.office().settings.mailboxes[0].id.clone(), world.now().at);
    let id = "0123456789abcdef0123456789abcdef";
    let bytes = format!(
        "From: exampleton@exampleton.example\r\nTo: {}\r\nSubject: To three\r\nMessage-ID: <{id}@exampleton.example>\r\n\
         X-Daymark-Id: {id}\r\n\r\nA note.\r\n",
        people.join(", ")
    );
    let body = Draft::Intent { key: format!("{case}/note/three/once/0") }.to_bytes(Some(bytes.as_bytes())).unwrap();
    let message = NewMessage {
        mailbox: &mailbox,
        case: Some(&case),
        template: &TemplateId::from("partnership-note"),
        state: MessageState::Released,
        why: None,
        body: &body,
        text_hash: None,
        daymark_id: id,
        message_id: Some(&format!("{id}@exampleton.example")),
        recipients: &people,
        created_at: now,
    };
    let note = world.store().write(|tx| tx.create_message(&message)).unwrap();

    let pass = pass_at(&mut world, "2026-03-27 09:10");
    assert_eq!(pass.sent.failed, 1, "{pass:?}");
    for later in ["2026-03-27 09:15", "2026-03-27 09:30", "2026-03-27 11:00"] {
        world.at(later);
    }
    let got: Vec<usize> = people.iter().map(|address| world.mails_to(address).len()).collect();
    assert_eq!(got, [1, 0, 1]);
    let recipients = world.store().read().message(note).unwrap().recipients;
    let states: Vec<RecipientState> = recipients.iter().map(|to| to.state).collect();
    assert_eq!(states, [RecipientState::Sent, RecipientState::Failed, RecipientState::Sent]);
    let why = recipients[1].why.as_deref().unwrap();
    assert!(why.contains("550"), "{why}");

    // The third is told to the notifier at once, and stands in the outbox until somebody does something about it.
    assert_eq!(has(&world, NOTIFIER, "Not delivered"), 1);
    let office = world.office();
    let loaded = daymark::pipeline::cases::load(&world.store().read(), &office, &case).unwrap().case;
    let failed = loaded
        .log
        .iter()
        .filter(|logged| matches!(&logged.event, CaseEvent::DeliveryFailed { address, .. } if *address == people[1]));
    assert_eq!(failed.count(), 1);
    world.bounced = true;
}
