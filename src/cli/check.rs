//! `daymark check` and `daymark procedure`: everything that can be wrong is found before the first mail.

use std::collections::BTreeMap;

use super::args::ProcedureCommand;
use super::init;
use super::online;
use super::procedure;
use super::procedure_text;
use super::shop::{Fault, Shop};
use crate::adapters::clock;
use crate::adapters::config;
use crate::adapters::schedule::Schedule;
use crate::adapters::{secret_file, tls};
use crate::core::procedure::{Procedure, Role};
use crate::core::settings::{Login, Mode, Server, Settings, Tls, WayIn, WayOut};
use crate::core::words;

/// The domains of the example files, which nobody has filled in while they are there.
const EXAMPLES: [&str; 2] = ["@council.example", "@partnership.example"];

/// Checks configuration, key, data file, templates, procedures, calendar and schedule, and prints what they come to.
pub fn check(shop: &Shop, online: bool) -> Result<(), Fault> {
    let settings = shop.settings()?;
    config::check_key_file(&settings)?;
    let office = shop.office()?;
    let mut store = shop.store(&settings)?;
    init::make_mailboxes(&settings, &mut store, shop)?;
    let procedures = shop.procedures()?;
    secrets_and_certificates(&settings)?;

    println!("mode           {}{}", settings.mode.as_str(), rehearsal(&settings));
    println!("data file      {}", settings.data_file.display());
    println!("key            {}", settings.key_file.display());
    println!("mail leaves by {}", way_out(&settings.way_out));
    for mailbox in &settings.mailboxes {
        println!("mailbox        {}: {}, watched in {}", mailbox.id, mailbox.address, way_in(&mailbox.way_in));
        println!("               procedure {}, notifier {}", mailbox.procedure, mailbox.notifier.address);
    }
    println!(
        "contacts       {} partnership, {} agencies, {} schools",
        office.contacts.all_of(Role::Partnership).count(),
        office.contacts.agencies.len(),
        office.contacts.schools.len()
    );
    println!("forms          {}", office.forms.iter().map(|form| form.id.as_str()).collect::<Vec<_>>().join(", "));
    println!("templates      each rendered with its sample");
    println!("bank holidays  {}", office.calendar.edition());
    for procedure in &procedures {
        println!(
            "procedure      {}: {} clocks, {} messages",
            procedure.id,
            procedure.clocks.len(),
            procedure.messages.len()
        );
        if let Some(unchecked) = procedure_text::unchecked(procedure) {
            println!("               {unchecked}");
        }
    }
    let schedule = Schedule::parse(&settings.schedule).map_err(Fault::usage)?;
    println!("next looks at mailboxes and clocks:");
    for at in schedule.next_firings(shop.now(), 5) {
        println!("               {}", clock::at(at).local.format("%a %-d %b %Y %H:%M"));
    }
    for warning in warnings(&settings, &office, &procedures, shop) {
        println!("note           {warning}");
    }
    if online {
        online::check(shop, &settings, &store)?;
    }
    println!("nothing is wrong");
    Ok(())
}

/// Reads every file a server's login and its certificate are checked by: what is wrong with one is found before the first
/// mail.
fn secrets_and_certificates(settings: &Settings) -> Result<(), Fault> {
    let wrong = |error: crate::ports::PortError| Fault::usage(error.what);
    let mut servers: Vec<&Server> = Vec::new();
    for mailbox in &settings.mailboxes {
        if let WayIn::Imap { server, .. } = &mailbox.way_in {
            servers.push(server);
        }
    }
    if let WayOut::Smtp(relay) = &settings.way_out {
        servers.push(&relay.server);
    }
    for server in servers {
        if let Login::Password(file) = &server.login {
            secret_file::first_line(file, "the password").map_err(wrong)?;
        }
        if server.tls != Tls::NoneOnLoopback {
            tls::client_config(server.ca_file.as_deref()).map_err(wrong)?;
        }
    }
    if let Some(oauth) = &settings.oauth {
        secret_file::first_line(&oauth.secret_file, "the application's secret").map_err(wrong)?;
    }
    Ok(())
}

fn way_out(way: &WayOut) -> String {
    match way {
        WayOut::Postman(folder) => folder.display().to_string(),
        WayOut::Smtp(relay) => format!("{}, port {}", relay.server.host, relay.server.port),
    }
}

fn way_in(way: &WayIn) -> String {
    match way {
        WayIn::Maildir(folder) => folder.display().to_string(),
        WayIn::Imap { server, folder } => format!("{folder} at {}, port {}", server.host, server.port),
    }
}

fn rehearsal(settings: &Settings) -> String {
    match (settings.mode, &settings.rehearsal_to) {
        (Mode::Rehearsal, Some(to)) => format!(": all mail goes to {to}"),
        (Mode::Rehearsal, None) => String::new(),
        (Mode::Demo, _) => ": each recipient has a folder on this machine, and nothing leaves it".to_owned(),
        (Mode::Live, _) => ": mail goes to its recipients".to_owned(),
    }
}

fn warnings(
    settings: &Settings,
    office: &crate::pipeline::Office,
    procedures: &[Procedure],
    shop: &Shop,
) -> Vec<String> {
    let mut warnings = Vec::new();
    let today = shop.now().today();
    for mailbox in &settings.mailboxes {
        let procedure = procedures.iter().find(|procedure| procedure.id == mailbox.procedure);
        if let Some(day) = procedure.and_then(|procedure| procedure.review_by).filter(|day| *day < today) {
            warnings.push(format!("procedure {} was to be reviewed by {}", mailbox.procedure, words::long(day)));
        }
    }
    let ours = settings.mailboxes.iter().flat_map(|mailbox| [&mailbox.address, &mailbox.notifier.address]);
    let theirs = office.contacts.posts.iter().map(|post| &post.contact.address);
    let example: Vec<&str> = ours
        .chain(theirs)
        .filter(|address| EXAMPLES.iter().any(|end| address.ends_with(end)))
        .map(String::as_str)
        .collect();
    if !example.is_empty() {
        warnings.push(format!("these addresses are still those of the example: {}", example.join(", ")));
    }
    if let Some(end) = settings.oauth.as_ref().and_then(|oauth| oauth.secret_expires).filter(|end| *end < today) {
        warnings.push(format!("the application's secret ended on {}: ask the IT desk for a new one", words::long(end)));
    }
    if office.contacts.schools.is_empty() {
        warnings.push("schools.csv names no school: no letter to a school can be made".to_owned());
    }
    warnings.extend(parts_that_nobody_plays(settings, office, procedures));
    if (office.calendar.known_until() - today).num_days() < 365 {
        warnings.push(format!(
            "bank holidays are known only up to {}: fetch the newer list and run daymark holidays merge FILE",
            words::long(office.calendar.known_until())
        ));
    }
    warnings
}

/// Messages that would wait in every case, for nobody in `contacts.toml` plays the part that they go to.
fn parts_that_nobody_plays(
    settings: &Settings,
    office: &crate::pipeline::Office,
    procedures: &[Procedure],
) -> Vec<String> {
    let used = |procedure: &&Procedure| settings.mailboxes.iter().any(|mailbox| mailbox.procedure == procedure.id);
    let mut all = Vec::new();
    for procedure in procedures.iter().filter(used) {
        let mut parts: BTreeMap<Role, Vec<String>> = BTreeMap::new();
        for rule in procedure.messages.iter().filter(|rule| is_nobody(rule.to, office)) {
            let title = rule.title.clone().unwrap_or_else(|| rule.template.as_str().replace('-', " "));
            parts.entry(rule.to).or_default().push(format!("{title} [{}]", rule.id));
        }
        for (role, messages) in parts {
            let advice = match role {
                Role::Agency => "add an [[agency]]".to_owned(),
                Role::Partnership => "add a [[partnership]]".to_owned(),
                role => format!("add a [[contact]] with role = \"{}\"", role.as_str()),
            };
            all.push(format!(
                "procedure {}: nobody in contacts.toml is {}, so these would wait: {}. To mend it, {advice}",
                procedure.id,
                role.words(),
                messages.join("; ")
            ));
        }
    }
    all
}

/// Whether that part is one of `contacts.toml` which nobody plays there.
fn is_nobody(role: Role, office: &crate::pipeline::Office) -> bool {
    match role {
        Role::Referrer | Role::Notifier | Role::DesignatedLead | Role::Panel => false,
        Role::Agency => office.contacts.agencies.is_empty(),
        role => office.contacts.all_of(role).next().is_none(),
    }
}

/// Every procedure there is: its title, and which mailboxes use it.
fn list(shop: &Shop) -> Result<(), Fault> {
    let mailboxes = if shop.has_configuration() { shop.settings()?.mailboxes } else { Vec::new() };
    for procedure in shop.procedures()? {
        let users: Vec<&str> = mailboxes
            .iter()
            .filter(|mailbox| mailbox.procedure == procedure.id)
            .map(|mailbox| mailbox.id.as_str())
            .collect();
        let users = match users.as_slice() {
            [] => "used by no mailbox".to_owned(),
            [one] => format!("used by the mailbox {one}"),
            several => format!("used by the mailboxes {}", several.join(", ")),
        };
        println!("{:<16} {}; {users}", procedure.id.as_str(), procedure.title);
    }
    println!("`daymark procedure show NAME` prints one of them");
    Ok(())
}

/// `daymark procedure`.
pub fn procedure(shop: &Shop, command: &ProcedureCommand) -> Result<(), Fault> {
    match command {
        ProcedureCommand::Show { name: None } => list(shop),
        ProcedureCommand::Show { name: Some(name) } => {
            let all = shop.procedures()?;
            let names: Vec<&str> = all.iter().map(|procedure| procedure.id.as_str()).collect();
            let found = all.iter().find(|procedure| procedure.id.as_str() == name).ok_or_else(|| {
                Fault::usage(format!("there is no procedure “{name}”; there are: {}", names.join(", ")))
            })?;
            print!("{}", procedure_text::text(found, &shop.calendar()?, shop.now().today()));
            Ok(())
        }
        ProcedureCommand::Check => {
            for procedure in shop.procedures()? {
                let (clocks, messages) = (procedure.clocks.len(), procedure.messages.len());
                let others = procedure.rules().count() - clocks - messages;
                let unchecked =
                    procedure_text::unchecked(&procedure).map(|words| format!(". {words}")).unwrap_or_default();
                println!("{}: {clocks} clocks, {messages} messages, {others} other rules{unchecked}", procedure.id);
            }
            Ok(())
        }
        ProcedureCommand::Adopt { reference, to, yes, by, because } => {
            let (to, by, because) = (to.as_deref(), by.as_deref(), because.as_deref());
            procedure::adopt(shop, &procedure::Wanted { reference, to, yes: *yes, by, because })
        }
    }
}
