//! Whether the test servers do what the tests that use them take for granted.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::tls::{EXPIRED, STRANGER, TRUSTED, WRONG_NAME};
use super::{Mail, Servers, Talk, inside_tls, until};

/// A small mail with this subject.
fn mail(subject: &str) -> Vec<u8> {
    format!(
        "From: Priya Example <priya@harbour-hospital.example>\r\nTo: inbox@council.example\r\nSubject: {subject}\r\n\
         Message-ID: <{subject}@harbour-hospital.example>\r\n\r\nA line.\r\n.\r\n.. two dots\r\n"
    )
    .into_bytes()
}

fn subjects(servers: &Servers, address: &str, folder: &str) -> Vec<String> {
    let mails: Vec<Mail> = servers.person(address).mails(folder);
    mails.iter().map(|mail| mail.header("Subject").unwrap_or_default()).collect()
}

/// The bytes as they were handed in: servers put lines of their own before them.
fn as_sent<'a>(raw: &'a [u8], sent: &[u8]) -> &'a [u8] {
    &raw[raw.len().saturating_sub(sent.len())..]
}

#[test]
fn a_mail_delivered_is_in_the_mailbox_byte_for_byte() {
    let servers = Servers::shared();
    let address = Servers::address("delivered");
    servers.deliver(&address, &mail("one"));
    let mails = servers.person(&address).mails("INBOX");
    assert_eq!(mails.len(), 1);
    assert_eq!(as_sent(&mails[0].raw, &mail("one")), mail("one"));
    assert_eq!((mails[0].uid, mails[0].flags.is_empty()), (1, true));
}

#[test]
fn people_read_drag_copy_and_delete_mails_and_keep_folders() {
    let servers = Servers::shared();
    let address = Servers::address("people");
    let mut person = servers.person(&address);
    person.append("INBOX", "27-Mar-2026 16:40:00 +0000", &mail("one"));
    person.append("INBOX", "28-Mar-2026 09:00:00 +0000", &mail("two"));
    person.create("Daymark/Treat as referral");
    person.flag(1, "INBOX", "+FLAGS (\\Seen)");
    person.copy(1, "INBOX", "Daymark/Treat as referral");
    person.drag(1, "INBOX", "Daymark/Treat as referral");
    person.delete(2, "INBOX");
    assert_eq!(person.mails("INBOX"), []);
    let dragged = person.mails("Daymark/Treat as referral");
    assert_eq!(dragged.len(), 2);
    assert!(dragged.iter().all(|mail| mail.arrived == "27-Mar-2026 16:40:00 +0000" && mail.flags == ["\\Seen"]));
    assert_eq!(dragged[1].raw, mail("one"));

    person.rename("Daymark/Treat as referral", "Elsewhere");
    assert_eq!(person.folders(), ["Elsewhere", "INBOX"]);
    person.remove("Elsewhere");
    assert_eq!(person.folders(), ["INBOX"]);
}

#[test]
fn a_colleague_works_in_a_shared_mailbox_and_a_folder_can_be_closed_to_its_owner() {
    let servers = Servers::shared();
    let (address, colleague) = (Servers::address("shared"), Servers::address("colleague"));
    servers.deliver(&address, &mail("one"));
    let mut owner = servers.person(&address);
    owner.permit("INBOX", &colleague, "lrwstipe");
    let theirs = format!("shared/{address}/INBOX");
    assert_eq!(servers.person(&colleague).mails(&theirs).len(), 1);

    owner.create("Handled");
    owner.permit("Handled", &address, "lr");
    owner.ask("SELECT INBOX");
    let (_, answer) = owner.try_ask("UID MOVE 1 Handled");
    assert!(answer.starts_with("NO [NOPERM]"), "{answer}");
    assert_eq!(owner.mails("INBOX").len(), 1);
}

#[test]
fn only_the_password_opens_a_mailbox() {
    let servers = Servers::shared();
    let mut talk = Talk::with(servers.dovecot().imap_port());
    let refused = talk.say("a LOGIN someone@council.example wrong");
    assert!(refused.starts_with("a NO [AUTHENTICATIONFAILED]"), "{refused}");
    let taken = talk.say(&format!("b LOGIN someone@council.example {}", super::PASSWORD));
    assert!(taken.starts_with("b OK"), "{taken}");
    for word in ["MOVE", "IDLE", "CONDSTORE", "UIDPLUS"] {
        assert!(taken.contains(word), "{word} is not offered: {taken}");
    }
}

#[test]
fn idle_tells_of_a_mail_soon() {
    let servers = Servers::shared();
    let address = Servers::address("idle");
    let mut person = servers.person(&address);
    person.ask("SELECT INBOX");
    let mut idle = person.into_stream();
    idle.get_mut().write_all(b"i IDLE\r\n").unwrap();
    let mut line = String::new();
    idle.read_line(&mut line).unwrap();
    assert!(line.starts_with("+ "), "{line}");
    servers.deliver(&address, &mail("one"));
    idle.get_mut().set_read_timeout(Some(std::time::Duration::from_secs(2))).unwrap();
    line.clear();
    idle.read_line(&mut line).expect("told within two seconds");
    assert_eq!(line, "* 1 EXISTS\r\n");
}

#[test]
fn a_folder_numbered_anew_keeps_its_mails_under_another_validity() {
    let servers = Servers::shared();
    let address = Servers::address("renumbered");
    for subject in ["one", "two", "three"] {
        servers.deliver(&address, &mail(subject));
    }
    let mut person = servers.person(&address);
    person.delete(1, "INBOX");
    person.create("Daymark/Handled");
    person.drag(2, "INBOX", "Daymark/Handled");
    for folder in ["INBOX", "Daymark/Handled"] {
        let mut person = servers.person(&address);
        let (before, mails) = (person.validity(folder), person.mails(folder));
        person.ask("LOGOUT");
        servers.dovecot().renumber(&address, folder);
        let mut person = servers.person(&address);
        assert_ne!(person.validity(folder), before, "{folder}");
        let after = person.mails(folder);
        assert_eq!(after.len(), 1, "{folder}");
        assert_eq!((after[0].uid, &after[0].raw), (1, &mails[0].raw), "{folder}");
    }
}

#[test]
fn a_server_started_again_has_the_same_ports_and_mails() {
    let servers = Servers::own();
    let address = Servers::address("restart");
    servers.deliver(&address, &mail("one"));
    servers.stop_dovecot();
    assert!(Talk::try_with(servers.dovecot().imap_port()).is_none(), "IMAP still answers");
    // Postfix holds what Dovecot cannot take yet.
    servers.send("priya@harbour-hospital.example", &[&address], &mail("two")).unwrap();
    assert_eq!(servers.postfix().queued(), 1);
    servers.start_dovecot();
    until("the second mail", || (subjects(&servers, &address, "INBOX") == ["one", "two"]).then_some(()));
    servers.settle();
    servers.restart_dovecot();
    assert_eq!(subjects(&servers, &address, "INBOX"), ["one", "two"]);

    servers.stop_postfix();
    assert!(Talk::try_with(servers.postfix().port()).is_none(), "SMTP still answers");
    servers.start_postfix();
    servers.send("priya@harbour-hospital.example", &[&address], &mail("three")).unwrap();
    until("the third mail", || (subjects(&servers, &address, "INBOX").len() == 3).then_some(()));
}

#[test]
fn a_letter_sent_by_smtp_reaches_every_recipient() {
    let servers = Servers::shared();
    let (first, second) = (Servers::address("smtp"), Servers::address("smtp"));
    servers.send("daymark@council.example", &[&first, &second], &mail("letter")).unwrap();
    for address in [first, second] {
        until("the letter", || (subjects(servers, &address, "INBOX") == ["letter"]).then_some(()));
        let mails = servers.person(&address).mails("INBOX");
        assert_eq!(as_sent(&mails[0].raw, &mail("letter")), mail("letter"));
    }
}

#[test]
fn some_addresses_are_refused_some_put_off() {
    let servers = Servers::shared();
    let from = "daymark@council.example";
    let refused = servers.send(from, &["refused-1@school.example"], &mail("x")).unwrap_err();
    assert!(refused.starts_with("550 5.1.1 "), "{refused}");
    let later = servers.send(from, &["later-1@school.example"], &mail("x")).unwrap_err();
    assert!(later.starts_with("450 4.2.0 "), "{later}");
    let mut smtp = Talk::with(servers.postfix().port());
    smtp.expect("EHLO tests.example", "250");
    let too_large = smtp.say(&format!("MAIL FROM:<{from}> SIZE=36700161"));
    assert!(too_large.starts_with("552 5.3.4 "), "{too_large}");
}

#[test]
fn delivery_reports_come_back_to_the_sender() {
    let servers = Servers::shared();
    let sender = Servers::address("reports");
    servers.send(&sender, &["bounces-1@school.example"], &mail("bounced")).unwrap();
    let mut smtp = Talk::with(servers.postfix().warning_port());
    smtp.expect("EHLO tests.example", "250");
    smtp.letter(&sender, &["delayed-1@school.example"], &mail("late")).unwrap();

    let reports = until("both reports", || {
        let mails = servers.person(&sender).mails("INBOX");
        (mails.len() == 2).then_some(mails)
    });
    let mut actions: Vec<(String, bool)> = Vec::new();
    for report in reports {
        assert!(report.header("Content-Type").unwrap().starts_with("multipart/report"), "{report:?}");
        let text = String::from_utf8(report.raw).unwrap();
        let action = text.lines().find_map(|line| line.strip_prefix("Action: ")).unwrap();
        actions.push((action.to_owned(), text.contains("Final-Recipient: rfc822; bounces-1@school.example")));
    }
    actions.sort();
    assert_eq!(actions, [("delayed".to_owned(), false), ("failed".to_owned(), true)]);
}

fn line(stream: &mut impl BufRead) -> Result<String, String> {
    let mut line = String::new();
    stream.read_line(&mut line).map_err(|error| error.to_string())?;
    Ok(line)
}

#[test]
fn each_host_shows_its_own_certificate() {
    let servers = Servers::shared();
    let (ca, other) = (servers.certificates().ca(), servers.certificates().other_ca());
    for (port, greeting) in [(servers.dovecot().imaps_port(), "* OK"), (servers.postfix().submissions_port(), "220")] {
        let greeted = |ca: &Path, host| line(&mut inside_tls(ca, host, TcpStream::connect((host, port)).unwrap()));
        assert!(greeted(&ca, TRUSTED).unwrap().starts_with(greeting));
        assert!(greeted(&ca, "localhost").unwrap().starts_with(greeting));
        assert!(greeted(&other, STRANGER).unwrap().starts_with(greeting));
        for (host, why) in [(STRANGER, "UnknownIssuer"), (WRONG_NAME, "not valid for name"), (EXPIRED, "expired")] {
            let refused = greeted(&ca, host).unwrap_err();
            assert!(refused.contains(why), "{host}: {refused}");
        }
    }
}

#[test]
fn starttls_leads_to_the_same_certificate() {
    let servers = Servers::shared();
    let ca = servers.certificates().ca();
    let roads = [
        (servers.dovecot().imap_port(), "a STARTTLS", "a OK"),
        (servers.postfix().submission_port(), "STARTTLS", "220"),
    ];
    for (port, order, yes) in roads {
        let mut talk = Talk::with(port);
        if yes == "220" {
            let offered = talk.expect("EHLO tests.example", "250");
            assert!(offered.contains("STARTTLS") && !offered.contains("AUTH"), "{offered}");
        }
        talk.expect(order, yes);
        let mut stream = inside_tls(&ca, TRUSTED, talk.into_stream());
        stream.get_mut().write_all(b"NOOP\r\na NOOP\r\n").unwrap();
        assert_ne!(line(&mut stream).unwrap(), "");
    }
}

#[test]
fn a_letter_is_submitted_only_with_the_password() {
    let servers = Servers::shared();
    let to = Servers::address("submitted");
    let tcp = TcpStream::connect((TRUSTED, servers.postfix().submissions_port())).unwrap();
    let mut stream = inside_tls(&servers.certificates().ca(), TRUSTED, tcp);
    // PLAIN of someone@council.example with a wrong password, then with the right one.
    for (said, answer) in [
        ("", "220 "),
        ("HELO tests.example", "250 "),
        ("MAIL FROM:<someone@council.example>", "250 "),
        (&format!("RCPT TO:<{to}>"), "554 5.7.1 "),
        ("RSET", "250 "),
        ("EHLO tests.example", "250 "),
        ("AUTH PLAIN AHNvbWVvbmVAY291bmNpbC5leGFtcGxlAHdyb25n", "535 5.7.8 "),
        ("AUTH PLAIN AHNvbWVvbmVAY291bmNpbC5leGFtcGxlAGluYm94LXB3", "235 2.7.0 "),
        ("MAIL FROM:<someone@council.example>", "250 "),
        (&format!("RCPT TO:<{to}>"), "250 "),
        ("DATA", "354 "),
        ("Subject: submitted\r\n\r\nA line.\r\n.", "250 "),
    ] {
        if !said.is_empty() {
            stream.get_mut().write_all(format!("{said}\r\n").as_bytes()).unwrap();
        }
        let mut last = line(&mut stream).unwrap();
        while last.as_bytes().get(3) == Some(&b'-') {
            last = line(&mut stream).unwrap();
        }
        assert!(last.starts_with(answer), "{said}: {last}");
    }
    until("the letter", || (subjects(servers, &to, "INBOX") == ["submitted"]).then_some(()));
}

/// What the process of the next test does when it is run by itself.
const DIES: &str = "DAYMARK_TEST_DIES_WITH_ITS_SERVERS";

#[test]
fn servers_end_with_the_tests_even_when_those_are_killed() {
    if std::env::var_os(DIES).is_some() {
        let servers = Servers::own();
        servers.postfix();
        println!("\nfolder={}", servers.folder().display());
        std::io::stdin().read_line(&mut String::new()).unwrap();
        return;
    }
    let mut tests = Command::new(std::env::current_exe().unwrap())
        .args(["servers::proof::servers_end_with_the_tests_even_when_those_are_killed", "--exact", "--nocapture"])
        .env(DIES, "yes")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(tests.stdout.take().unwrap()).lines();
    let folder = said.find_map(|line| Some(PathBuf::from(line.unwrap().strip_prefix("folder=")?))).unwrap();
    let running: Vec<PathBuf> = ["dovecot.pid", "postfix.pid"]
        .iter()
        .map(|name| Path::new("/proc").join(fs::read_to_string(folder.join(name)).unwrap().trim()))
        .collect();
    assert!(running.iter().all(|process| process.exists()), "{running:?}");

    tests.kill().unwrap();
    tests.wait().unwrap();
    until("the servers to end", || running.iter().all(|process| !process.exists()).then_some(()));
    until("their folder to go", || (!folder.exists()).then_some(()));
}
