//! `daymark verify`, `backup`, `destroy`: the data file itself.

use std::path::Path;

use super::shop::{Fault, Shop, case_ref};
use super::who;
use crate::core::ids::CaseRef;
use crate::pipeline::cases;
use crate::store::Store;

/// Proves that the data file is whole.
pub fn verify(shop: &Shop) -> Result<(), Fault> {
    let mut store = shop.store(&shop.settings()?)?;
    let report = store.verify()?;
    let mut faults = report.faults.clone();
    faults.extend(store.quick_check()?);
    println!(
        "{} events in one chain; {} bodies open, {} destroyed with their cases; {} mails, {} messages",
        report.events, report.bodies, report.destroyed, report.mails, report.messages
    );
    println!("head {}", report.head);
    if faults.is_empty() {
        println!("sound");
        return Ok(());
    }
    Err(Fault::server(format!(
        "the data file is not what Daymark wrote:\n{}\nStop the daemon, keep a copy of the file, and go back to the last backup that verifies",
        faults.join("\n")
    )))
}

/// Copies the data file while it is in use.
pub fn backup(shop: &Shop, file: &Path) -> Result<(), Fault> {
    let store = shop.store(&shop.settings()?)?;
    store.backup(file)?;
    println!("wrote {}: it opens only with the key, which is not in it", file.display());
    Ok(())
}

/// Forgets a case.
pub fn destroy(shop: &Shop, reference: &str, because: &str, by: Option<&str>) -> Result<(), Fault> {
    let mut store = shop.store(&shop.settings()?)?;
    let reference = case_ref(reference);
    let merged = merged_into_it(shop, &store, &reference);
    let gone = store.destroy(&reference, shop.now().at, &who(by), because)?;
    println!(
        "{reference} is destroyed: {} event bodies, {} mails, {} messages. The log still proves itself (daymark verify)",
        gone.bodies, gone.mails, gone.messages
    );
    for case in merged {
        println!(
            "{case} was merged into it and holds its own form still: daymark destroy {case}, if that is to go too"
        );
    }
    println!("Backups made before today still hold it, and so may the mailbox and what was sent: see to them.");
    Ok(())
}

/// The cases that were merged into one that is about to go. A case that cannot be read keeps nobody from destroying it.
fn merged_into_it(shop: &Shop, store: &Store, case: &CaseRef) -> Vec<CaseRef> {
    let loaded = shop.office().ok().and_then(|office| cases::load(&store.read(), &office, case).ok());
    let forms = loaded.map(|loaded| loaded.case.merges.forms).unwrap_or_default();
    forms.into_iter().map(|form| form.from).collect()
}
