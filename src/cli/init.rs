//! `daymark init`: a configuration to fill in, a key outside it, and four next steps.

use std::path::{Path, PathBuf};

use super::shop::{Fault, Shop};
use crate::adapters::maildir;
use crate::core::ids::MailboxId;
use crate::core::settings::{Settings, WayIn, WayOut};
use crate::store::{MasterKey, Place, Randomness, Store};

const CONFIGURATION: &str = include_str!("../../config/daymark.example.toml");
const CONTACTS: &str = include_str!("../../config/contacts.example.toml");

/// Makes the folder and what is in it. Nothing that is there already is overwritten.
pub fn init(dir: &Path, shop: &Shop) -> Result<(), Fault> {
    let made = make(dir, CONFIGURATION, CONTACTS, None, shop)?;
    let shown = dir.display();
    println!("Made {shown}: daymark.toml, contacts.toml, schools.csv, and the folders mail comes and goes by.");
    println!(
        "The key lies in {}. Without it the data file cannot be read by anybody: keep a copy in a safe.",
        made.display()
    );
    println!();
    println!("Next:");
    println!("  1. Fill in {shown}/daymark.toml (who you are, the notifier, who gets the digest).");
    println!("  2. Fill in {shown}/contacts.toml and {shown}/schools.csv: Daymark writes to nobody else.");
    println!("  3. daymark --config {shown}/daymark.toml check");
    println!("  4. Drop a mail with a form into {shown}/incoming/tees/new, and run:");
    println!("     daymark --config {shown}/daymark.toml once");
    println!();
    println!("It starts in rehearsal: everything is done and recorded, and mail goes to `rehearsal_to` only.");
    Ok(())
}

/// Makes a configuration folder with these texts, a key beside it, its mail folders and an empty data file. Returns
/// where the key lies.
pub fn make(
    dir: &Path,
    configuration: &str,
    contacts: &str,
    schools: Option<&str>,
    shop: &Shop,
) -> Result<PathBuf, Fault> {
    let config = dir.join("daymark.toml");
    if config.exists() {
        return Err(Fault::usage(format!(
            "{} is there already, and was left as it is. Name another folder, or remove it first",
            config.display()
        )));
    }
    let failed =
        |what: &Path, error: std::io::Error| Fault::server(format!("{} cannot be made: {error}", what.display()));
    std::fs::create_dir_all(dir).map_err(|error| failed(dir, error))?;
    let dir = dir.canonicalize().map_err(|error| failed(dir, error))?;
    let key = key_path(&dir);
    if let Some(folder) = key.parent() {
        std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    }
    let master =
        if key.exists() { MasterKey::from_file(&key)? } else { MasterKey::generate_to(&key, &Randomness::os())? };
    crate::failpoint!("init.after-key");
    let name = key.file_name().and_then(|name| name.to_str()).unwrap_or("daymark.key");
    let configuration = configuration.replace("../daymark-key/daymark.key", &format!("../{name}"));
    for (file, text) in
        [("contacts.toml", contacts), ("schools.csv", schools.unwrap_or("name,urn,lead_name,lead_address\n"))]
    {
        let path = dir.join(file);
        if !path.exists() {
            let part = path.with_added_extension("part");
            write_durably(&part, text).map_err(|error| failed(&part, error))?;
            std::fs::rename(&part, &path).map_err(|error| failed(&path, error))?;
        }
        crate::failpoint!("init.after-file");
    }
    for folder in ["procedures", "forms", "holidays", "templates"] {
        let path = dir.join(folder);
        std::fs::create_dir_all(&path).map_err(|error| failed(&path, error))?;
    }
    // The configuration gets its name last: as long as it has none, `init` may be typed again, and goes on where the
    // power failed.
    let config = dir.join("daymark.toml");
    let part = config.with_added_extension("part");
    write_durably(&part, &configuration).map_err(|error| failed(&part, error))?;
    crate::failpoint!("init.before-data-file");
    let settings = Shop::at(part.clone(), shop.now()).settings()?;
    let open = if settings.data_file.exists() { Store::open } else { Store::create };
    let mut store = open(&settings.data_file, &master, Randomness::os(), crate::store::Options::default())?;
    crate::failpoint!("init.after-data-file");
    make_mailboxes(&settings, &mut store, shop)?;
    crate::failpoint!("init.before-name");
    std::fs::rename(&part, &config).map_err(|error| failed(&config, error))?;
    std::fs::File::open(&dir).and_then(|folder| folder.sync_all()).map_err(|error| failed(&dir, error))?;
    crate::failpoint!("init.after-name");
    Ok(key)
}

fn write_durably(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::write(path, text)?;
    std::fs::File::open(path)?.sync_all()
}

/// The key lies beside the folder, not in it: a copy of the folder alone gives nothing away.
fn key_path(dir: &Path) -> PathBuf {
    let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or("daymark");
    dir.with_file_name(format!("{name}.key"))
}

/// Makes the mail folders that are not there. One that Daymark makes is empty, so first contact with it is now: every
/// mail that comes into it later is read. One that was there before is met like any mailbox: what lies in it is older.
pub fn make_mailboxes(settings: &Settings, store: &mut Store, shop: &Shop) -> Result<(), Fault> {
    for mailbox in &settings.mailboxes {
        let WayIn::Maildir(folder) = &mailbox.way_in else { continue };
        // First contact first: a folder made, and then met as if it had been there, would count its first mail as
        // older and never read it.
        if !maildir::exists(folder) {
            let account = folder.display().to_string();
            let place = Place { account, folder: "INBOX".to_owned(), uid_validity: 1, uid: String::new() };
            store.first_contact(&MailboxId::new(mailbox.id.as_str()), &place, &[], shop.now().at)?;
            crate::failpoint!("init.before-mail-folder");
            maildir::create(folder).map_err(|error| Fault::server(error.what))?;
        }
    }
    if let WayOut::Postman(folder) = &settings.way_out {
        std::fs::create_dir_all(folder)
            .map_err(|error| Fault::server(format!("{} cannot be made: {error}", folder.display())))?;
    }
    Ok(())
}
