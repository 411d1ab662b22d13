//! Commands by which a person acts on cases and mail.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime};

use super::args::Command;
use super::shop::{Fault, Shop, case_ref, read_bytes};
use super::who;
use crate::core::decide::Typed;
use crate::core::ids::CaseRef;
use crate::core::now::Now;
use crate::core::record::When;
use crate::core::settings::{Mailbox, Settings};
use crate::core::uk_date;
use crate::pipeline::approve::{self, Approved};
use crate::pipeline::handle::{self, Treat};
use crate::pipeline::make::NotMade;
use crate::pipeline::{cases, merge, record as recording, tick};
use crate::store::{MailId, MailState, MessageId, MessageState, Settlement, Store, Tray};

/// Opens settings, office and store for a command that writes.
pub fn at_work(shop: &Shop) -> Result<(crate::pipeline::Office, Store), Fault> {
    let settings = shop.settings()?;
    let office = shop.office()?;
    let store = shop.store(&settings)?;
    Ok((office, store))
}

/// Takes `FIELD=VALUE` apart.
fn fields(words: &[String]) -> Result<BTreeMap<String, String>, Fault> {
    let mut all = BTreeMap::new();
    for word in words {
        let (name, value) = word.split_once('=').ok_or_else(|| {
            Fault::usage(format!("“{word}” is not FIELD=VALUE; quote a value with spaces: because=\"…\""))
        })?;
        if all.insert(name.trim().to_owned(), value.to_owned()).is_some() {
            return Err(Fault::usage(format!("“{name}” is given twice")));
        }
    }
    Ok(all)
}

/// A day, with the time if it is known: `2026-03-27`, `2026-03-27T16:40`.
fn when(text: &str, today: NaiveDate) -> Result<When, Fault> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Ok(date.into());
    }
    ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|shape| NaiveDateTime::parse_from_str(text, shape).ok())
        .map(|at| When { date: at.date(), time: Some(at.time()) })
        // As on the form: day first, 27/03/2026.
        .or_else(|| uk_date::parse(text, today).ok().filter(|_| text.contains('/')).map(When::from))
        .ok_or_else(|| Fault::usage(format!("“{text}” is not a day: write 2026-03-27, or 2026-03-27T16:40")))
}

/// `daymark record`.
pub fn record(shop: &Shop, command: &Command) -> Result<(), Fault> {
    let Command::Record { reference, event, fields: words, on, by, child, note, attach } = command else {
        return Err(Fault::usage("record: usage"));
    };
    let file = attach.as_deref().map(read_bytes).transpose()?;
    let attachment = file.as_ref().zip(attach.as_ref()).map(|(bytes, path)| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("file").to_owned();
        (name, recording::fingerprint(bytes))
    });
    let typed = Typed {
        kind: event.clone(),
        on: on.as_deref().map(|text| when(text, shop.now().today())).transpose()?,
        child: child.as_deref().map(str::parse).transpose().map_err(Fault::usage)?,
        fields: fields(words)?,
        note: note.clone(),
        attachment,
    };
    let (office, mut store) = at_work(shop)?;
    let case = case_ref(reference);
    match recording::record(&mut store, &office, &case, typed, file.as_deref(), &who(by.as_deref()), shop.now())? {
        recording::Recorded::As(seq, warnings) => {
            println!("recorded as event {seq} of {case}");
            for warning in warnings {
                eprintln!("daymark: {warning}");
            }
            plan_now(shop, &office, &mut store)
        }
        recording::Recorded::Already(seq) => {
            println!("already recorded, as event {seq} of {case}");
            Ok(())
        }
        recording::Recorded::Refused(why) => Err(Fault::usage(why)),
    }
}

/// Brings the outbox into line at once, so that the next command sees what the record called for. Sending is left to
/// `once` or the daemon.
pub fn plan_now(shop: &Shop, office: &crate::pipeline::Office, store: &mut Store) -> Result<(), Fault> {
    let planned = crate::pipeline::tick::tick(store, office, shop.now())?;
    for (case, why) in planned.failed {
        eprintln!("daymark: {case} could not be planned: {why}");
    }
    Ok(())
}

/// The one mailbox, or the one that was named.
fn mailbox<'a>(settings: &'a Settings, name: Option<&str>) -> Result<&'a Mailbox, Fault> {
    let names = || settings.mailboxes.iter().map(|mailbox| mailbox.id.as_str()).collect::<Vec<_>>().join(", ");
    match (name, settings.mailboxes.as_slice()) {
        (None, [only]) => Ok(only),
        (None, _) => Err(Fault::usage(format!("which mailbox? Add --mailbox, one of: {}", names()))),
        (Some(name), all) => all
            .iter()
            .find(|mailbox| mailbox.id.as_str() == name)
            .ok_or_else(|| Fault::usage(format!("there is no mailbox “{name}”; there are: {}", names()))),
    }
}

/// `daymark open`.
pub fn open(
    shop: &Shop,
    words: &[String],
    by: Option<&str>,
    name: Option<&str>,
    quiet_before: Option<&str>,
) -> Result<(), Fault> {
    let fields = fields(words)?;
    let quiet_before = quiet_before.map(|text| when(text, shop.now().today())).transpose()?.map(|when| when.date);
    let (office, mut store) = at_work(shop)?;
    let mailbox = mailbox(&office.settings, name)?;
    match recording::take_over(&mut store, &office, mailbox, &fields, quiet_before, &who(by), shop.now())? {
        Ok(case) => {
            println!("{case}");
            let opened = cases::load(&store.read(), &office, &case)?.case;
            let involved = opened.referral.iter().flat_map(|referral| &referral.professionals);
            for agency in involved.filter_map(|one| one.agency.as_deref()) {
                if office.contacts.agency(agency).is_none() {
                    eprintln!(
                        "daymark: “{agency}” is not an agency of contacts.toml: it is not asked for anything. Add it there"
                    );
                }
            }
            for other in opened.forms.iter().flat_map(|(_, form, _)| &form.may_be) {
                eprintln!(
                    "daymark: it may be the same incident as {other}: compare them. If they are one: \
                     daymark record {case} merged-into ref={other} because=…"
                );
            }
            plan_now(shop, &office, &mut store)
        }
        Err(why) => Err(Fault::usage(why)),
    }
}

/// `daymark approve`.
pub fn approve(
    shop: &Shop,
    reference: &str,
    message: &str,
    by: Option<&str>,
    strike: &[String],
    because: Option<&str>,
    text: Option<&str>,
) -> Result<(), Fault> {
    if !strike.is_empty() && because.is_none_or(|because| because.trim().is_empty()) {
        return Err(Fault::usage("--strike needs --because: the log says why somebody got nothing"));
    }
    let (office, mut store) = at_work(shop)?;
    // Nothing is planned anew here: what is approved is the text that stood in the outbox when it was looked at.
    let case = case_ref(reference);
    store.read().case(&case)?;
    goes_on_elsewhere(&store, &office, &case, &format!("approve {{}} {message}"))?;
    let found = approve::find(&store.read(), &case, message)?;
    if let Some(text) = text {
        let shown =
            |row: &crate::store::MessageRow| row.text_hash.is_some_and(|hash| approve::fingerprint(&hash) == text);
        if let Some(row) = found.iter().find(|row| !shown(row)) {
            return Err(Fault::person(format!(
                "{} was not approved: text {text} is not the text that was shown last; preview it and look at it again",
                row.id
            )));
        }
    }
    if found.is_empty() {
        return Err(no_message(&store, &office, &case, message));
    }
    for address in strike {
        let known = found.iter().any(|row| {
            store
                .read()
                .message(row.id)
                .is_ok_and(|message| message.recipients.iter().any(|to| to.address.eq_ignore_ascii_case(address)))
        });
        if !known {
            return Err(Fault::usage(format!(
                "{address} is not a recipient of what is to be approved; nothing was done"
            )));
        }
    }
    let because = because.unwrap_or_default();
    let (mut approved, mut refused) = (false, Vec::new());
    for answer in approve::approve(&mut store, &office, &case, &found, strike, because, &who(by), shop.now())? {
        match answer {
            Approved::Yes(id, to, text) => {
                approved = true;
                println!("approved    {id}  to {}, text {text}", to.join(", "));
            }
            Approved::Already(id) => println!("approved    {id}  already, before now"),
            Approved::Struck(id, address) => println!("struck out  {id}  {address} gets nothing in this case"),
            Approved::No(id, why) => refused.push(format!("{id} was not approved: {why}")),
        }
    }
    plan_now(shop, &office, &mut store)?;
    if approved {
        println!("{}", leaves(&office, shop.now()));
    }
    if refused.is_empty() { Ok(()) } else { Err(Fault::person(refused.join("\n"))) }
}

/// A case that was merged has nothing to approve or to look at: the command for the one that goes on.
fn goes_on_elsewhere(
    store: &Store,
    office: &crate::pipeline::Office,
    case: &CaseRef,
    command: &str,
) -> Result<(), Fault> {
    match merge::home(&store.read(), office, case)? {
        None => Ok(()),
        Some(home) => Err(Fault::usage(format!(
            "{case} was merged into {home}, and goes on there: daymark {}",
            command.replacen("{}", home.as_str(), 1)
        ))),
    }
}

/// There is no such message: what the procedure of the case would send at all says why.
fn no_message(store: &Store, office: &crate::pipeline::Office, case: &CaseRef, message: &str) -> Fault {
    let loaded = cases::load(&store.read(), office, case);
    let rules = loaded.as_ref().map(|loaded| loaded.procedure.messages.as_slice()).unwrap_or_default();
    match rules.iter().find(|rule| rule.template.as_str() == message) {
        Some(rule) => Fault::usage(format!(
            "{case} has no message “{message}” that waits; it is called for at {}. `daymark case {case}` lists what there is",
            rule.when.as_str()
        )),
        None => {
            let names: Vec<&str> = rules.iter().map(|rule| rule.template.as_str()).collect();
            Fault::usage(format!(
                "{case} has no message “{message}” that waits; the procedure it began under has these: {}",
                names.join(", ")
            ))
        }
    }
}

/// When what is approved now will leave, for a person who wonders at a weekend.
fn leaves(office: &crate::pipeline::Office, now: Now) -> String {
    let hours = &office.settings.hours;
    let hours = format!("between {} and {}", hours.from.format("%H:%M"), hours.to.format("%H:%M"));
    match tick::next_open(office, now) {
        _ if tick::is_open(office, now) => {
            "What is approved leaves with the next pass (daymark once, or the daemon).".to_owned()
        }
        Some(day) => format!("What is approved leaves on {}, {hours}.", crate::core::words::long(day)),
        None => format!("What is approved leaves on the next working day, {hours}."),
    }
}

/// `daymark preview`.
pub fn preview(shop: &Shop, reference: &str, message: &str, out: &Path) -> Result<(), Fault> {
    let (office, mut store) = at_work(shop)?;
    plan_now(shop, &office, &mut store)?;
    let case = case_ref(reference);
    store.read().case(&case)?;
    goes_on_elsewhere(&store, &office, &case, &format!("preview {{}} {message} --out {}", out.display()))?;
    let found = match approve::find(&store.read(), &case, message)?.into_iter().next() {
        Some(row) => Some(row),
        // What has left is made again from the facts of today: a notifier copies from the newest pack.
        None => approve::left(&store.read(), &case, message)?,
    };
    let row = &found.ok_or_else(|| no_message(&store, &office, &case, message))?;
    let made = approve::made(&store.read(), &office, row, shop.now()).map_err(|error| match error {
        NotMade::Blocked(why) => Fault::person(format!("{} is blocked: {why}", row.template)),
        NotMade::NoLongerWanted => Fault::person("the facts no longer call for it"),
        NotMade::Store(error) => error.into(),
    })?;
    let bytes = match made.attachments.first() {
        Some((_, _, bytes)) => bytes.clone(),
        None => format!("Subject: {}\n\n{}", made.subject, made.text).into_bytes(),
    };
    std::fs::write(out, bytes)
        .map_err(|error| Fault::usage(format!("{} cannot be written: {error}", out.display())))?;
    let stands =
        if approve::has_left(row) { "which has left, as it would be made now" } else { "as it would leave now" };
    println!(
        "wrote {} (message {} of {case}, {stands}, text {})",
        out.display(),
        row.id,
        approve::fingerprint(&made.text_hash)
    );
    if made.strangers > 0 {
        return Err(Fault::person("RED LINE: the full name of another child of this case stands in it"));
    }
    Ok(())
}

/// `daymark release`.
pub fn release(shop: &Shop, ids: &[i64], treat_as: &str, by: Option<&str>) -> Result<(), Fault> {
    let (office, mut store) = at_work(shop)?;
    for id in ids {
        let row = store.read().mail(MailId(*id))?;
        if !matches!(row.state, MailState::Listed | MailState::SetAside) {
            return Err(Fault::usage(format!("mail {id} does not wait for a person: it is {}", row.state)));
        }
        match treat_as {
            "referral" => {
                let mailbox = office.mailbox(row.mailbox.as_str()).ok_or_else(|| {
                    Fault::usage(format!("mail {id} came to “{}”, which is no longer configured", row.mailbox))
                })?;
                let came = handle::handle(&mut store, &office, mailbox, row.id, Treat::AsReferral, shop.now());
                match came {
                    Ok(handle::Came::Cases(cases)) => {
                        println!("mail {id}: {}", cases.iter().map(CaseRef::as_str).collect::<Vec<_>>().join(", "));
                    }
                    Ok(_) => {
                        return Err(Fault::person(format!(
                            "mail {id} still has no form that can be read: open the case by hand (daymark open), then release it --as not-for-us or reply:REF"
                        )));
                    }
                    // It still waits as it did: nothing was changed.
                    Err(error) => return Err(error.into()),
                }
            }
            "not-for-us" => settle(&mut store, row.id, &format!("not for us, says {}", who(by)), &[], None)?,
            other => {
                let reference = other.strip_prefix("reply:").ok_or_else(|| {
                    Fault::usage(format!("--as {other} is not one of: referral, reply:REF, not-for-us"))
                })?;
                let case = case_ref(reference);
                store.read().case(&case)?;
                let why = format!("a reply in {}, says {}", merge::in_words(&store.read(), &office, &case), who(by));
                let cases = merge::road(&store.read(), &office, &case)?.cases;
                settle(&mut store, row.id, &why, &cases, Some(Tray::Processed))?;
            }
        }
    }
    plan_now(shop, &office, &mut store)
}

fn settle(store: &mut Store, id: MailId, why: &str, cases: &[CaseRef], file_to: Option<Tray>) -> Result<(), Fault> {
    let end = Settlement { state: MailState::Handled, why: Some(why), cases, file_to };
    store.write(|tx| tx.settle(id, &end))?;
    println!("mail {id}: {why}");
    Ok(())
}

/// `daymark requeue`: a person's word that a message may be sent again.
pub fn requeue(shop: &Shop, ids: &[i64]) -> Result<(), Fault> {
    let (_, mut store) = at_work(shop)?;
    for id in ids {
        let row = store.read().message(MessageId(*id))?.row;
        if !matches!(row.state, MessageState::Unknown | MessageState::Failed) {
            return Err(Fault::usage(format!(
                "message {id} is {}: only what failed, or may have gone, is sent again",
                row.state
            )));
        }
        store.write(|tx| tx.retry(MessageId(*id)))?;
        println!("message {id} will be sent again");
    }
    Ok(())
}
