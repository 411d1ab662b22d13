//! SIGTERM is heard between mails: what is in hand is finished, what is left is found by the next start.

use daymark::pipeline::Stop;
use daymark::store::MessageState;

use super::{Council, INBOX};
use crate::world::people::{REFERRER, learning, wren};

#[test]
fn asked_to_stop_while_mail_comes_in_it_finishes_the_mail_in_hand() {
    for batch in [1, 10] {
        let mut council = Council::new();
        council.mailbox.batch = batch;
        let stop = Stop::new();
        for number in 0..3 {
            let mail = council.mail(&format!("person{number}@harbour-hospital.example"), "A question", &[]);
            council.arrives(&mail);
        }
        council.mailbox.stops_at = Some((2, stop.clone()));
        let pass = council.pass_until(&stop);
        // The mails of one answer of the server are asked for together.
        assert!(pass.received.mails.len() < 3, "{pass:?}");
        assert_eq!(pass.received.mails.len() + pass.received.unkept, 3);
        assert_eq!((pass.planned.new, council.post.handed.len()), (0, 0), "nothing else is begun");

        council.mailbox.stops_at = None;
        council.restarts();
        let pass = council.at("2026-03-27 09:10").passes();
        assert_eq!((council.held().len(), pass.received.unkept), (3, 0));
        assert_eq!(council.mailbox.lying(INBOX).len(), 3);
    }
}

#[test]
fn asked_to_stop_while_mail_goes_out_it_finishes_the_mail_in_hand() {
    let mut council = Council::new();
    for referral in [wren(), learning()] {
        let form = council.form(&referral, REFERRER);
        council.arrives(&form);
    }
    let stop = Stop::new();
    let asks = stop.clone();
    council.post.meanwhile = Some(Box::new(move || asks.ask()));
    council.pass_until(&stop);
    assert_eq!(council.post.handed.len(), 1);
    let states = [council.states("acknowledgement"), council.states("new-case")].concat();
    assert_eq!(states.iter().filter(|state| **state == MessageState::Sent).count(), 1, "{states:?}");
    assert!(!states.contains(&MessageState::Sending), "its outcome is noted");

    council.post.meanwhile = None;
    council.restarts();
    council.at("2026-03-27 09:10").passes();
    assert_eq!((council.post.handed.len(), council.post.sent_to(REFERRER)), (4, 2));
}
