//! A mail as a person would read it, for snapshots.

use std::fmt::Write;

use daymark::adapters::clock;
use daymark::codec::docx_read::{self, Limits};
use daymark::codec::mime;
use daymark::codec::referral_form;
use daymark::core::form::Block;
use daymark::core::inbound::FileKind;

/// Whom it is for, when it left, what it says, and what is attached to it.
pub fn mail(raw: &[u8]) -> String {
    let mail = mime::read(raw);
    let mut out = String::new();
    let sent = clock::at(mail.date.expect("a mail of ours bears its date")).local;
    let html = raw.windows(9).any(|bytes| bytes == b"text/html");
    writeln!(out, "To: {}", mail.to.join(", ")).unwrap();
    writeln!(out, "Date: {} (London)", sent.format("%a %-d %b %Y %H:%M")).unwrap();
    writeln!(out, "Subject: {}", mail.subject.reveal()).unwrap();
    writeln!(out, "HTML: {}\n", if html { "yes" } else { "no" }).unwrap();
    writeln!(out, "{}", mail.text.reveal().trim()).unwrap();
    for attachment in &mail.attachments {
        let name = attachment.name.as_ref().map_or("(no name)", |name| name.reveal());
        writeln!(out, "\nAttached: {name}").unwrap();
        if attachment.bytes == referral_form::blank("Exampleton Council") {
            writeln!(out, "  (the blank form)").unwrap();
        } else if attachment.kind == FileKind::Word {
            word(&attachment.bytes).lines().for_each(|line| writeln!(out, "  {line}").unwrap());
        } else {
            writeln!(out, "  ({} bytes)", attachment.bytes.len()).unwrap();
        }
    }
    out.push_str("────\n");
    out
}

/// The digest's count of mail without the copies of our own; any other line as it is.
pub fn without_our_copies(line: &str) -> String {
    let Some(count) = line.strip_prefix("Mail: ") else { return line.to_owned() };
    let numbers: Vec<u32> = count.split(' ').filter_map(|word| word.parse().ok()).collect();
    let [arrived, handled, listed, ours, in_hand] = numbers[..] else { panic!("{line}") };
    assert_eq!(arrived, handled + listed + ours + in_hand, "{line}");
    let less = arrived - ours;
    let even =
        format!("{less} arrived = {handled} handled + {listed} listed for a person + 0 ours + {in_hand} in hand");
    format!("Mail: {even}")
}

/// The words of a Word document: a line for each paragraph, one for each row of a table, then headers and footers.
pub fn word(bytes: &[u8]) -> String {
    let doc = docx_read::read(bytes, &Limits::default()).expect("a document of ours can be read");
    let mut lines = Vec::new();
    for block in &doc.body {
        match block {
            Block::Paragraph(paragraph) => lines.push(paragraph.text()),
            Block::Table(table) => {
                for row in &table.rows {
                    let cells: Vec<String> = row.iter().map(|cell| cell.text().replace('\n', " / ")).collect();
                    lines.push(format!("| {} |", cells.join(" | ")));
                }
            }
        }
    }
    lines.extend(doc.margins.iter().map(|text| format!("(margin) {}", text.replace('\n', " / "))));
    lines.retain(|line| !line.trim().is_empty());
    let mut blank_rows = 0;
    lines.retain(|line| {
        let blank = line.starts_with('|') && line.chars().all(|c| c == '|' || c == ' ');
        blank_rows += usize::from(blank);
        !blank
    });
    if blank_rows > 0 {
        lines.push(format!("({blank_rows} blank rows)"));
    }
    lines.join("\n")
}

/// A request for a chronology with something written into the last cell of its last table.
pub fn filled_in(document: &[u8]) -> Vec<u8> {
    changed(document, |xml| {
        let cell = xml.rfind("</w:tc>").expect("a table");
        let end = xml[..cell].rfind("</w:p>").expect("a paragraph in its last cell");
        format!("{}<w:r><w:t>Seen at home, and well.</w:t></w:r>{}", &xml[..end], &xml[end..])
    })
}

/// A request for a chronology with the box for "nothing held" ticked.
pub fn nothing_held(document: &[u8]) -> Vec<u8> {
    changed(document, |xml| xml.replace('☐', "☒"))
}

/// A letter to a school with answers in its table: from, to, the previous school, and the box for yes or no.
pub fn answered(letter: &[u8], from: &str, to: &str, previous: &str, held: Option<bool>) -> Vec<u8> {
    changed(letter, |xml| {
        let xml = xml.replace(">From: <", &format!(">From: {from}<")).replace(">To: <", &format!(">To: {to}<"));
        // The cell right of b is the first empty one.
        let blank = r#"<w:p><w:pPr><w:pStyle w:val="Cell"/></w:pPr></w:p>"#;
        assert!(xml.contains(blank), "the letter has no empty cell");
        let answer = format!(r#"<w:p><w:r><w:t>{previous}</w:t></w:r></w:p>"#);
        let xml = xml.replacen(blank, &answer, 1);
        let Some(held) = held else { return xml };
        let control = xml.find(if held { "c.yes" } else { "c.no" }).expect("a box");
        let (before, after) = xml.split_at(control);
        let ticked =
            after.replacen(r#"w14:checked w14:val="0""#, r#"w14:checked w14:val="1""#, 1).replacen('☐', "☒", 1);
        format!("{before}{ticked}")
    })
}

fn changed(document: &[u8], change: impl Fn(&str) -> String) -> Vec<u8> {
    use std::io::{Cursor, Read, Write as _};
    let mut source = zip::ZipArchive::new(Cursor::new(document)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..source.len() {
        let mut file = source.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        if name == "word/document.xml" {
            bytes = change(std::str::from_utf8(&bytes).unwrap()).into_bytes();
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}
