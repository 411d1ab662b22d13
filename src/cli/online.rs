//! `daymark check --online`: logs in both ways, says what it finds and would make, and sends one mail to the mailbox
//! itself. What is wrong is said in words an IT desk can act on.

use std::time::Duration;

use super::post::{Post, Source, Way};
use super::shop::{Fault, Shop};
use super::work;
use crate::adapters::imap::{ImapSource, Look};
use crate::adapters::oauth::ClientCredentials;
use crate::codec::compose::{self, Letter};
use crate::core::now::Now;
use crate::core::settings::{Mailbox, Settings};
use crate::pipeline::outgoing;
use crate::ports::{Courier, Delivery, Outgoing};
use crate::store::Store;

/// How long the mail to itself may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How far the clocks of this machine and of the mail server may be apart, in minutes.
const CLOCKS_APART: i64 = 5;

/// Looks at every mailbox; all are looked at, whatever one of them comes to.
pub fn check(shop: &Shop, settings: &Settings, store: &Store) -> Result<(), Fault> {
    let mut wrong = Vec::new();
    for mailbox in &settings.mailboxes {
        println!("online         {}", mailbox.id);
        let one = work::wait(async { Ok(mailbox_online(settings, mailbox, store, shop.now()).await) })?;
        wrong.extend(one.err().map(|words| format!("{}: {words}", mailbox.id)));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Fault::server(wrong.join("\n"))) }
}

async fn mailbox_online(settings: &Settings, mailbox: &Mailbox, store: &Store, now: Now) -> Result<(), String> {
    let watcher = store.read().watcher().map_err(|error| error.to_string())?;
    let Post { source, mut courier, .. } = Post::of(settings, mailbox, &watcher).map_err(|fault| fault.words)?;
    let source = match source {
        Source::Folder(_) => {
            println!("               mail comes by a folder of this machine, which was looked at above");
            None
        }
        Source::Server(source) => {
            let look = source.look().await.map_err(|error| error.what)?;
            say(&look);
            if look.watched_by_another {
                return Err(
                    "another Daymark, with another data file, watches this mailbox. Stop that one and delete its \
                            mail in the folder Daymark/Watch, or let it do the work"
                        .to_owned(),
                );
            }
            if look.read_only {
                return Err(
                    "the login may read the watched folder and not move mail out of it. Give it full access".to_owned()
                );
            }
            if let Some(newest) = look.newest.filter(|newest| (*newest - now.at).num_minutes() > CLOCKS_APART) {
                let ahead = (newest - now.at).num_minutes();
                return Err(format!(
                    "the newest mail came {ahead} minutes after the present time of this machine: one of the two clocks is \
                     wrong, and dates would be too. Set this machine's clock"
                ));
            }
            Some(source)
        }
    };
    match &mut courier {
        Way::Folder(_) => println!("               mail leaves by a folder of this machine"),
        Way::Server(courier) => {
            let offers = courier.greet().await.map_err(|error| error.what)?;
            println!("               mail leaves: logged in; the server offers {}", offers.join(", "));
            to_itself(courier.as_mut(), source.as_deref(), settings, mailbox, store, now).await?;
        }
    }
    Ok(())
}

fn say(look: &Look) {
    println!("               mail comes: logged in; {} mails lie in the watched folder", look.mails);
    println!("               the server offers {}", look.capabilities.join(" "));
    match look.way_to_move() {
        Some(way) => println!("               handled mail is moved {way}"),
        None => println!("               handled mail stays where it is: this server cannot move mail"),
    }
    let news = if look.tells_of_mail() { "at once (IDLE)" } else { "when it is asked, once a minute (no IDLE)" };
    println!("               new mail is told of {news}");
    println!(
        "               flags that are kept: {}; separator {}",
        if look.permanent_flags.is_empty() { "none".to_owned() } else { look.permanent_flags.join(" ") },
        look.separator.as_deref().unwrap_or("none"),
    );
    for folder in &look.existing {
        println!("               folder {folder} is there");
    }
    for folder in &look.missing {
        println!("               folder {folder} would be made");
    }
}

/// Sends one mail to the mailbox and waits until it is there: what settles a doubt later, seen to work once.
async fn to_itself(
    courier: &mut impl Courier,
    source: Option<&ImapSource<ClientCredentials>>,
    settings: &Settings,
    mailbox: &Mailbox,
    store: &Store,
    now: Now,
) -> Result<(), String> {
    let mut nonce = [0; 8];
    getrandom::fill(&mut nonce).map_err(|error| format!("the system gives no random numbers: {error}"))?;
    let daymark_id = outgoing::check_id(&store.read(), nonce);
    let domain = mailbox.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let message_id = format!("{daymark_id}@{domain}");
    let bytes = compose::compose(&Letter {
        from: (&settings.organisation.name, &mailbox.address),
        to: &[("", &mailbox.address)],
        subject: "Daymark checks this mailbox",
        text: "Daymark sent this mail to itself, to see whether it arrives. Nobody needs it any more.",
        html: None,
        attachments: &[],
        date: now.at,
        message_id: &message_id,
        daymark_id: &daymark_id,
        in_reply_to: None,
        references: &[],
        banner: None,
    })
    .map_err(|error| error.to_string())?;
    let mail = Outgoing {
        from: mailbox.address.clone(),
        to: vec![mailbox.address.clone()],
        daymark_id: daymark_id.clone(),
        copy_to: None,
        bytes,
    };
    match courier.deliver(&mail).await.pop() {
        Some(Delivery::Sent) => {}
        Some(Delivery::NotSent { why, .. } | Delivery::Unknown { why }) => return Err(why),
        None => return Err("the mail server gave no answer for the mail to itself".to_owned()),
    }
    let Some(source) = source else { return Ok(()) };
    match source.comes(&daymark_id, &message_id, PATIENCE).await.map_err(|error| error.what)? {
        Some(true) => println!("               a mail to itself arrived, with its Message-ID"),
        Some(false) => println!(
            "               a mail to itself arrived, with another Message-ID than it left with; Daymark knows it by its own id"
        ),
        None => {
            return Err(format!(
                "a mail to {} was accepted and did not arrive in the watched folder within {} seconds. Is it held by a \
                 filter, or put into another folder by a rule? Without it nobody can tell whether a letter left when a \
                 connection breaks",
                mailbox.address,
                PATIENCE.as_secs()
            ));
        }
    }
    Ok(())
}
