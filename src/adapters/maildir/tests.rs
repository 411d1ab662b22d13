use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::*;
use crate::ports::{Courier, Delivery, Fetched, Filed, MailKey, MailSource, Outgoing, PortError};

const LIMIT: u64 = 1000;

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn mailbox() -> (TempDir, MaildirSource) {
    let folder = TempDir::new().unwrap();
    assert!(create(folder.path()).unwrap());
    let source = MaildirSource::new("tees", folder.path());
    (folder, source)
}

fn put(path: &Path, seconds: u64) {
    let file = fs::File::create(path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
    fs::write(path, path.file_name().unwrap().to_string_lossy().as_bytes()).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}

fn uids(source: &mut MaildirSource) -> Vec<String> {
    listed(source).into_iter().map(|key| key.uid).collect()
}

fn listed(source: &mut MaildirSource) -> Vec<MailKey> {
    wait(source.list()).unwrap().remove(0).keys
}

/// The bytes of one mail and whether it was cut; `None` when it is gone.
fn fetch(source: &mut MaildirSource, key: &MailKey, limit: u64) -> Result<Option<(Vec<u8>, bool)>, PortError> {
    match wait(source.fetch(std::slice::from_ref(key), limit))?.remove(0) {
        Fetched::Mail { raw, cut, .. } => Ok(Some((raw, cut))),
        Fetched::Gone => Ok(None),
        Fetched::Failed(error) => Err(error),
    }
}

fn file(source: &mut MaildirSource, key: &MailKey, to: Filed) -> Result<(), PortError> {
    wait(source.file(std::slice::from_ref(key), to))?.remove(0)
}

fn key(uid: &str) -> MailKey {
    MailKey { account: "tees".into(), folder: "INBOX".into(), uid_validity: 1, uid: uid.into() }
}

fn outgoing(to: &[&str]) -> Outgoing {
    Outgoing {
        from: "referrals@council.example".into(),
        to: to.iter().map(|address| (*address).to_owned()).collect(),
        daymark_id: "d1".into(),
        copy_to: None,
        bytes: b"Subject: a\r\n\r\nb".to_vec(),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn making_a_maildir_twice_says_that_it_was_there() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a/b");
    assert!(create(&path).unwrap());
    assert!(!create(&path).unwrap());
}

#[test]
fn m06_five_hundred_mails_are_listed_in_order_of_arrival_read_or_not() {
    let (folder, mut source) = mailbox();
    for number in 0..500u64 {
        let name = format!("{:03}", (number * 7) % 500);
        let path = if number % 2 == 0 { format!("new/{name}") } else { format!("cur/{name}:2,S") };
        put(&folder.path().join(path), number);
    }
    let expected: Vec<_> = (0..500u64).map(|number| format!("{:03}", (number * 7) % 500)).collect();
    assert_eq!(uids(&mut source), expected);
}

#[test]
fn m05_a_mail_that_a_colleague_reads_meanwhile_keeps_its_key_its_content_and_its_flags() {
    let (folder, mut source) = mailbox();
    put(&folder.path().join("new/a"), 1);
    let before = listed(&mut source);
    fs::rename(folder.path().join("new/a"), folder.path().join("cur/a:2,RS")).unwrap();
    assert_eq!(listed(&mut source), before);
    assert_eq!(fetch(&mut source, &before[0], LIMIT).unwrap(), Some((b"a".to_vec(), false)));
    assert_eq!(names(&folder.path().join("cur")), ["a:2,RS"]);
    file(&mut source, &before[0], Filed::Processed).unwrap();
    assert_eq!(names(&folder.path().join(".Processed/cur")), ["a:2,RS"]);
    assert!(uids(&mut source).is_empty());
}

#[test]
fn m05_an_unread_mail_stays_unread_when_it_is_filed() {
    let (folder, mut source) = mailbox();
    put(&folder.path().join("new/a"), 1);
    file(&mut source, &key("a"), Filed::Ours).unwrap();
    assert_eq!(names(&folder.path().join(".Ours/new")), ["a"]);
    assert!(folder.path().join(".Ours/maildirfolder").exists());
}

#[test]
fn m18_a_mail_already_gone_is_fine() {
    let (_folder, mut source) = mailbox();
    file(&mut source, &key("a"), Filed::Processed).unwrap();
    assert_eq!(fetch(&mut source, &key("a"), LIMIT).unwrap(), None);
}

#[test]
fn m20_a_mail_dragged_back_and_filed_again_overwrites_nothing() {
    let (folder, mut source) = mailbox();
    for _ in 0..2 {
        put(&folder.path().join("new/a"), 1);
        file(&mut source, &key("a"), Filed::Processed).unwrap();
    }
    assert_eq!(names(&folder.path().join(".Processed/new")), ["a", "a_2"]);
}

#[test]
fn m12_a_mailbox_that_cannot_be_read_is_an_error_and_never_no_mail() {
    let mut source = MaildirSource::new("tees", "/nowhere/at/all");
    let error = wait(source.list()).unwrap_err();
    assert!(error.what.contains("/nowhere/at/all") && error.what.contains("Check that the folder exists"), "{error}");
    assert!(fetch(&mut source, &key("a"), LIMIT).is_err());
}

#[test]
fn m09_a_mail_larger_than_the_limit_is_cut_and_says_so() {
    let (folder, mut source) = mailbox();
    fs::write(folder.path().join("new/a"), [b'x'; 10]).unwrap();
    assert_eq!(fetch(&mut source, &key("a"), 10).unwrap(), Some((vec![b'x'; 10], false)));
    assert_eq!(fetch(&mut source, &key("a"), 9).unwrap(), Some((vec![b'x'; 9], true)));
}

#[cfg(unix)]
#[test]
fn links_folders_drafts_and_dot_files_are_not_mail() {
    let (folder, mut source) = mailbox();
    let secret = folder.path().join("secret");
    fs::write(&secret, "x").unwrap();
    std::os::unix::fs::symlink(&secret, folder.path().join("new/link")).unwrap();
    fs::create_dir(folder.path().join("cur/folder")).unwrap();
    fs::write(folder.path().join("tmp/draft"), "x").unwrap();
    fs::write(folder.path().join("new/.hidden"), "x").unwrap();
    assert!(uids(&mut source).is_empty());
    assert_eq!(fetch(&mut source, &key("link"), LIMIT).unwrap(), None);
    file(&mut source, &key("link"), Filed::Processed).unwrap();
    assert!(folder.path().join("new/link").exists());
}

#[test]
fn o05_one_recipient_who_cannot_be_written_to_does_not_stop_the_others() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("b@x.example"), "a file where the mailbox should be").unwrap();
    let mut courier = MaildirCourier::new(folder.path());
    let outcomes = wait(courier.deliver(&outgoing(&["A@x.example", "b@x.example", "", "c@x.example"])));
    assert_eq!(outcomes[0], Delivery::Sent);
    assert!(matches!(&outcomes[1], Delivery::NotSent { retry: Retry::Later, .. }));
    assert!(matches!(&outcomes[2], Delivery::NotSent { retry: Retry::Never, .. }));
    assert_eq!(outcomes[3], Delivery::Sent);
    for recipient in ["a@x.example", "c@x.example"] {
        assert_eq!(names(&folder.path().join(recipient).join("new")), ["d1"]);
        assert!(names(&folder.path().join(recipient).join("tmp")).is_empty());
    }
}

#[test]
fn o04_a_second_delivery_leaves_one_copy_wherever_the_first_has_gone() {
    let folder = TempDir::new().unwrap();
    let mut courier = MaildirCourier::new(folder.path().join("out"));
    assert!(courier.repeats_harmlessly());
    let mail = outgoing(&["a@x.example"]);
    let recipient = folder.path().join("out/a@x.example");
    assert_eq!(wait(courier.deliver(&mail)), [Delivery::Sent]);
    fs::rename(recipient.join("new/d1"), recipient.join("cur/d1:2,S")).unwrap();
    fs::write(recipient.join("tmp/d1"), "left by a crash").unwrap();

    assert_eq!(wait(courier.deliver(&mail)), [Delivery::Sent]);
    assert!(names(&recipient.join("new")).is_empty());
    assert_eq!(names(&recipient.join("cur")), ["d1:2,S"]);
}

#[test]
fn a_draft_left_by_a_crash_is_written_anew() {
    let folder = TempDir::new().unwrap();
    let recipient = folder.path().join("a@x.example");
    create(&recipient).unwrap();
    fs::write(recipient.join("tmp/d1"), "half a ma").unwrap();
    let mut courier = MaildirCourier::new(folder.path());
    assert_eq!(wait(courier.deliver(&outgoing(&["a@x.example"]))), [Delivery::Sent]);
    assert_eq!(fs::read(recipient.join("new/d1")).unwrap(), outgoing(&[]).bytes);
}
