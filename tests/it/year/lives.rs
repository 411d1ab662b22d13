//! What happens to the cases of a year: drawn by lot, plausible, and the same each time.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use daymark::core::referral::{Referral, Request};

use crate::torture::chance::Chance;
use crate::world::people::{child, incident};

/// Something that happens to a case.
#[derive(Clone, Debug)]
pub enum Deed {
    /// The form comes.
    Form(Box<Referral>),
    /// A person records this, on that day.
    Record(&'static str, NaiveDate, &'static [&'static str]),
    /// A person corrects the day of the first record of that kind.
    Correct(&'static str, NaiveDate),
    /// A person approves the requests for chronologies.
    Approve,
}

/// One case.
pub struct Life {
    /// Which mailbox it comes to.
    pub mailbox: usize,
    /// What happens, in order.
    pub deeds: Vec<(NaiveDateTime, Deed)>,
}

const NAMES: [&str; 10] = ["Wren", "Jory", "Linnet", "Perran", "Elowen", "Kitto", "Tamsyn", "Cador", "Merryn", "Piran"];
const FAMILIES: [&str; 6] = ["Ashdown", "Tregear", "Marlowe", "Penrose", "Quill", "Varco"];
const HOLDS_NOTHING: [&[&str]; 3] =
    [&["agency=Exampleton Police"], &["agency=Harbour Hospital"], &["agency=Exampleton Housing"]];
const OUTCOMES: [&[&str]; 4] = [
    &["outcome=local-review", "because=practice raises questions"],
    &["outcome=national-review", "because=it is not of this area alone"],
    &["outcome=no-review", "because=the learning is known"],
    &["outcome=both", "because=practice raises questions here and elsewhere"],
];
const BODIES: [&[&str]; 4] = [&["body=ofsted"], &["body=partnership"], &["body=dfe"], &["body=secretary-of-state"]];

/// A life in the making.
struct Hand<'a> {
    chance: &'a mut Chance,
    deeds: Vec<(NaiveDateTime, Deed)>,
    last: NaiveDate,
}

impl Hand<'_> {
    /// True so many times in a hundred.
    fn often(&mut self, percent: u64) -> bool {
        self.chance.below(100) < percent
    }

    fn days(&mut self, least: u64, most: u64) -> Days {
        Days::new(least + self.chance.below(most - least + 1))
    }

    /// Something happens on that day, mostly while people work.
    fn does(&mut self, day: NaiveDate, deed: Deed) {
        let hour = if self.often(80) { 9 + self.chance.below(8) } else { self.chance.below(24) };
        let time = NaiveTime::from_hms_opt(u32::try_from(hour).unwrap(), 0, 0).unwrap();
        self.deeds.push((day.and_time(time), deed));
        self.last = self.last.max(day);
    }

    /// A day before that one, by so many days at most, but not before the earliest.
    fn back(&mut self, day: NaiveDate, most: u64, earliest: NaiveDate) -> NaiveDate {
        (day - self.days(0, most)).max(earliest)
    }
}

/// One case that comes on `day`; `number` tells it from every other one.
pub fn life(chance: &mut Chance, mailbox: usize, day: NaiveDate, number: usize) -> Life {
    let mut hand = Hand { chance, deeds: Vec::new(), last: day };
    let written = hand.back(day, 3, day - Days::new(3));
    let happened = hand.back(written, 10, written - Days::new(10));
    let name = format!("{} {}", NAMES[number % NAMES.len()], FAMILIES[number / NAMES.len() % FAMILIES.len()]);
    let born = NaiveDate::from_ymd_opt(2012, 1, 5).unwrap() + Days::new(37 * number as u64);
    let mut its = child(&name, &born.to_string(), "", &happened.to_string());
    its.nhs_number = None;
    let mut form = incident(vec![its], &written.to_string());
    form.request = match hand.chance.below(20) {
        0 => Some(Request::Learning),
        1 | 2 => None,
        _ => Some(Request::SeriousIncident),
    };
    hand.does(day, Deed::Form(Box::new(form)));

    let mut known = day;
    if hand.often(85) {
        known = day + hand.days(0, 6);
        let aware = hand.back(known, 8, happened);
        hand.does(known, Deed::Record("la-aware", aware, &[]));
        if hand.often(25) {
            let later = known + hand.days(0, 4);
            let right = (aware + hand.days(0, 3)).min(later);
            if right != aware {
                hand.does(later, Deed::Correct("la-aware", right));
            }
        }
    }
    if hand.often(10) {
        let told = known + hand.days(0, 4);
        hand.does(told, Deed::Record("incident-fact-recorded", told, &["outcome=death", "abuse-or-neglect=not"]));
        hand.does(told, Deed::Record("child-fact-recorded", told, &["child=c1", "looked-after=yes"]));
    }
    let decided = known + hand.days(0, 6);
    let notify: &[&str] = &["because=abuse suspected", "by-role=Head of Quality Assurance"];
    match hand.chance.below(10) {
        0 => {}
        1 | 2 => {
            hand.does(decided, Deed::Record("not-notified", decided, &["because=not serious", "next=learning"]));
            // Some procedures ask the agencies all the same.
            let asked = decided + hand.days(1, 3);
            hand.does(asked, Deed::Approve);
            if hand.often(30) {
                let again = decided + hand.days(1, 8);
                hand.does(again, Deed::Record("notification-decided", again, notify));
                notified(&mut hand, again);
            }
        }
        _ => {
            hand.does(decided, Deed::Record("notification-decided", decided, notify));
            notified(&mut hand, decided);
        }
    }
    if hand.often(75) {
        let day = hand.last + hand.days(1, 20);
        hand.does(day, Deed::Record("closed", day, &["because=all is done"]));
    }
    let mut deeds = hand.deeds;
    // Nothing comes before the form, and closing comes last.
    let (first, last) = (deeds[0].0, deeds.iter().map(|(at, _)| *at).max().unwrap());
    for (at, deed) in &mut deeds[1..] {
        *at = (*at).max(first + TimeDelta::minutes(1));
        if matches!(deed, Deed::Record("closed", ..)) {
            *at = last + TimeDelta::minutes(2);
        }
    }
    deeds.sort_by_key(|(at, _)| *at);
    Life { mailbox, deeds }
}

/// What follows once it was decided to notify.
fn notified(hand: &mut Hand<'_>, decided: NaiveDate) {
    for body in &BODIES {
        if hand.often(60) {
            let day = decided + hand.days(0, 5);
            let told = hand.back(day, 1, decided);
            hand.does(day, Deed::Record("body-informed", told, body));
            // The partnership may know before the Panel does, and the agencies be asked at once.
            if *body == ["body=partnership"] {
                let asked = day + hand.days(1, 3);
                hand.does(asked, Deed::Approve);
            }
        }
    }
    if hand.often(12) {
        return;
    }
    let day = decided + hand.days(0, 5);
    let on = hand.back(day, 2, decided);
    hand.does(day, Deed::Record("panel-notified", on, &[]));
    if hand.often(15) {
        let later = day + hand.days(0, 3);
        let right = hand.back(on, 1, decided);
        if right != on {
            hand.does(later, Deed::Correct("panel-notified", right));
        }
    }
    if hand.often(35) {
        let stops = day + hand.days(1, 6);
        hand.does(stops, Deed::Record("paused", stops, &["rule=all", "because=the police ask us to wait"]));
        if hand.often(70) {
            let goes_on = stops + hand.days(1, 14);
            hand.does(goes_on, Deed::Record("resumed", goes_on, &["rule=all"]));
        }
    }
    let asked = day + hand.days(1, 4);
    hand.does(asked, Deed::Approve);
    for agency in HOLDS_NOTHING {
        if hand.often(80) {
            let answered = asked + hand.days(0, 12);
            hand.does(answered, Deed::Record("nil-return-received", answered, agency));
        }
    }
    if hand.often(20) {
        return;
    }
    let met = day + hand.days(8, 26);
    hand.does(
        met,
        Deed::Record("meeting-held", met, &["kind=rapid-review", "present=the three partners and the chair"]),
    );
    let outcome = hand.chance.one_of(&OUTCOMES);
    hand.does(met, Deed::Record("decision-made", met, outcome));
    if hand.often(15) {
        return;
    }
    let submitted = met + hand.days(0, 4);
    hand.does(submitted, Deed::Record("review-submitted", submitted, &[]));
    if hand.often(70) {
        let replied = submitted + hand.days(5, 30);
        hand.does(replied, Deed::Record("panel-replied", replied, &["agrees=yes"]));
    }
    if hand.often(40) {
        let published = submitted + hand.days(90, 220);
        hand.does(published, Deed::Record("review-published", published, &[]));
    }
}
