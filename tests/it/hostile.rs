//! Files made to harm: each is refused in plain words, and the work it caused is counted, not timed.

use daymark::codec::docx_read::{self, Limits, UnreadableKind, Work};
use daymark::core::form::Block;
use daymark::core::read_form;
use proptest::prelude::*;

use crate::forms::definitions;
use crate::forms::maker::{Facts, Style, WORD, document, docx, p, package, run, tbl, tc, tr};

/// Reads what must be refused: its kind, and the work until then.
fn refused(bytes: &[u8]) -> (UnreadableKind, Work) {
    let (outcome, work) = docx_read::measured(bytes, &Limits::default());
    let refusal = outcome.expect_err("a file to refuse");
    let told = refusal.to_string();
    assert!(told.ends_with('.') && told.len() < 300, "{told}");
    (refusal.kind, work)
}

fn plain() -> Vec<u8> {
    docx(&Style::default().body(&Facts::new(1, 1).json))
}

/// Where a little-endian record with a signature begins, from the end.
fn last(bytes: &[u8], signature: &[u8]) -> usize {
    bytes.windows(signature.len()).rposition(|window| window == signature).expect("the record")
}

#[test]
fn h01_zip_bomb_is_refused_before_it_unpacks() {
    let bomb = package(&[("word/document.xml", &vec![b' '; 200 << 20])]);
    assert!(bomb.len() < 300_000, "a small file");
    let (kind, work) = refused(&bomb);
    assert_eq!(kind, UnreadableKind::TooLarge);
    assert_eq!(work.bytes, 0, "its size was said, and believed");
}

#[test]
fn h01_entry_that_lies_about_its_size_is_cut_at_the_limit() {
    let mut bomb = package(&[("word/document.xml", &vec![b' '; 64 << 20])]);
    let entry = last(&bomb, b"PK\x01\x02");
    bomb[entry + 24..entry + 28].copy_from_slice(&1000u32.to_le_bytes());
    bomb[22..26].copy_from_slice(&1000u32.to_le_bytes());
    let (kind, work) = refused(&bomb);
    assert!(matches!(kind, UnreadableKind::TooLarge | UnreadableKind::Damaged), "{kind:?}");
    assert!(work.bytes <= Limits::default().part_bytes + 1, "{work:?}");
}

#[test]
fn h01_many_parts_share_one_limit() {
    let header = format!(r#"<w:hdr xmlns:w="{WORD}"><w:p>{}</w:p></w:hdr>"#, " ".repeat(10 << 20));
    let names: Vec<_> = (0..20).map(|number| format!("word/header{number}.xml")).collect();
    let mut parts = vec![("word/document.xml", document("").into_bytes())];
    parts.extend(names.iter().map(|name| (name.as_str(), header.clone().into_bytes())));
    let parts: Vec<_> = parts.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    let (kind, work) = refused(&package(&parts));
    assert_eq!(kind, UnreadableKind::TooLarge);
    assert!(work.bytes <= Limits::default().total_bytes, "{work:?}");
}

#[test]
fn h01_zip_of_zips_is_no_word_document() {
    let inner = package(&[("lib.zip", &vec![0; 1 << 20])]);
    let (kind, work) = refused(&package(&[("a.zip", &inner), ("b.zip", &inner)]));
    assert_eq!((kind, work.bytes), (UnreadableKind::NotWord, 0));
}

#[test]
fn h01_twin_names_are_refused_whatever_their_case() {
    for twin in ["word/document.xmL", "/word/document.xml", "word\\document.xml"] {
        let (kind, _) = refused(&package(&[("word/document.xml", b"<a/>"), (twin, b"<b/>")]));
        assert_eq!(kind, UnreadableKind::Unsafe, "{twin}");
    }
    // Twins letter by letter, which no zip writer makes: a name of the same length is changed afterwards.
    let mut bytes = package(&[("word/document.xml", b"<a/>"), ("word/documenx.xml", b"<b/>")]);
    let (from, to) = (b"word/documenx.xml", b"word/document.xml");
    while let Some(at) = bytes.windows(from.len()).position(|window| window == from) {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    assert_eq!(refused(&bytes).0, UnreadableKind::Unsafe);
}

#[test]
fn h01_names_that_lead_outside_are_refused() {
    for name in ["../word/document.xml", "word/../../x", "word\\..\\x"] {
        assert_eq!(refused(&package(&[(name, b"<a/>"), ("word/document.xml", b"<a/>")])).0, UnreadableKind::Unsafe);
    }
}

#[test]
fn h01_a_hundred_thousand_entries_are_refused_uncounted() {
    // The list of contents only: what a program meets first, and all that most of them need to run out of memory.
    let mut list = Vec::new();
    for number in 0..100_000u32 {
        let name = number.to_string();
        let mut entry = [0u8; 46];
        entry[..4].copy_from_slice(b"PK\x01\x02");
        entry[28] = u8::try_from(name.len()).expect("short");
        list.extend_from_slice(&entry);
        list.extend_from_slice(name.as_bytes());
    }
    for count in [u16::MAX, 34_464] {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.extend_from_slice(&list);
        bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        bytes.extend_from_slice(&count.to_le_bytes());
        bytes.extend_from_slice(&count.to_le_bytes());
        bytes.extend_from_slice(&u32::try_from(list.len()).expect("small").to_le_bytes());
        bytes.extend_from_slice(&[4, 0, 0, 0, 0, 0]);
        let (kind, work) = refused(&bytes);
        assert_eq!((kind, work.entries), (UnreadableKind::TooLarge, 0));
    }
}

#[test]
fn h02_doctypes_and_entities_are_refused() {
    let lol: String = (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let laughs = format!("<!DOCTYPE x [<!ENTITY l0 \"ha\">{lol}]>{}", document(&p(&run("&l9;"))));
    let external = format!("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>{}", document(""));
    let undeclared = document("<w:p><w:r><w:t>&nbsp;</w:t></w:r></w:p>");
    for xml in [laughs, external, undeclared] {
        let (kind, work) = refused(&package(&[("word/document.xml", xml.as_bytes())]));
        assert_eq!(kind, UnreadableKind::Unsafe);
        assert!(work.elements < 10, "{work:?}");
    }
}

#[test]
fn h02_twenty_thousand_nested_tables_are_refused() {
    let nested = format!("{}{}", "<w:tbl><w:tr><w:tc>".repeat(20_000), "</w:tc></w:tr></w:tbl>".repeat(20_000));
    let (kind, work) = refused(&docx(&nested));
    assert_eq!(kind, UnreadableKind::TooLarge);
    assert!(work.depth <= Limits::default().depth + 1, "{work:?}");
}

#[test]
fn h02_elements_of_any_kind_nest_only_so_deep() {
    let (kind, work) = refused(&docx(&format!("{}{}", "<w:smartTag>".repeat(20_000), "</w:smartTag>".repeat(20_000))));
    assert_eq!(kind, UnreadableKind::TooLarge);
    assert_eq!(work.depth, Limits::default().depth + 1);
}

#[test]
fn h02_two_million_empty_paragraphs_are_refused() {
    let (kind, work) = refused(&docx(&"<w:p/>".repeat(2_000_000)));
    assert_eq!(kind, UnreadableKind::TooLarge);
    assert!(work.elements <= Limits::default().elements + 1, "{work:?}");
}

#[test]
fn h02_a_file_cut_off_at_any_place_is_refused() {
    let whole = plain();
    for cut in (0..whole.len()).step_by(97) {
        refused(&whole[..cut]);
    }
    let xml = document(&Style::default().body(&Facts::new(1, 1).json));
    for cut in (0..xml.len() - 1).step_by(301).filter(|cut| xml.is_char_boundary(*cut)) {
        let (kind, _) = refused(&package(&[("word/document.xml", &xml.as_bytes()[..cut])]));
        assert!(
            matches!(kind, UnreadableKind::CutShort | UnreadableKind::Damaged | UnreadableKind::NotWord),
            "{kind:?}"
        );
    }
}

#[test]
fn h02_tags_that_cross_are_refused() {
    assert_eq!(refused(&docx("<w:p><w:r></w:p></w:r>")).0, UnreadableKind::Damaged);
}

#[test]
fn h03_a_file_is_what_its_bytes_are() {
    const OLE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    let encrypted: Vec<u8> = OLE
        .iter()
        .copied()
        .chain([0; 512])
        .chain("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let mut lock = vec![0u8; 162];
    lock[..5].copy_from_slice(b"\x04Wren");
    for (bytes, kind) in [
        (Vec::new(), UnreadableKind::Empty),
        (b"%PDF-1.7\n".to_vec(), UnreadableKind::Pdf),
        (lock, UnreadableKind::LockFile),
        (encrypted, UnreadableKind::PasswordProtected),
        ([OLE, &[0; 512]].concat(), UnreadableKind::LegacyOffice),
        (package(&[("xl/workbook.xml", b"<workbook/>")]), UnreadableKind::OtherOffice),
        (b"{\\rtf1 Wren}".to_vec(), UnreadableKind::NotWord),
        (package(&[("word/document.xml", b"<html/>")]), UnreadableKind::NotWord),
    ] {
        assert_eq!(refused(&bytes).0, kind);
    }
}

#[test]
fn h03_a_macro_file_is_read_and_its_macros_are_not() {
    let facts = Facts::new(1, 1);
    let xml = document(&Style::default().body(&facts.json));
    let bytes = package(&[("word/document.xml", xml.as_bytes()), ("word/vbaProject.bin", &[0xFF; 4096])]);
    let (outcome, work) = docx_read::measured(&bytes, &Limits::default());
    assert!(outcome.is_ok());
    assert_eq!(work.bytes, xml.len() as u64);
}

#[test]
fn h03_an_entry_with_a_password_is_told_as_such() {
    let mut bytes = plain();
    let entry = last(&bytes, b"PK\x01\x02");
    bytes[entry + 8] |= 1;
    bytes[6] |= 1;
    assert_eq!(refused(&bytes).0, UnreadableKind::PasswordProtected);
}

#[test]
fn h04_tags_formulas_and_line_ends_in_answers_are_only_text() {
    let typed = "=HYPERLINK(\"http://x.example\") {{ case.ref }} <b>Wren</b>";
    let table = tbl(&[tr(&[tc(1, &p(&run("Agency"))), tc(1, &p(&run(typed)))])]);
    let controlled = p("<w:r><w:t>Name&#13;&#10;Bcc: x&#7;</w:t></w:r>");
    let doc = docx_read::read(&docx(&format!("{table}{controlled}")), &Limits::default()).expect("a document");
    let [Block::Table(table), Block::Paragraph(paragraph)] = &doc.body[..] else { panic!("a table and a paragraph") };
    assert_eq!(table.rows[0][1].text(), typed);
    assert_eq!(paragraph.text(), "Name  Bcc: x");
}

#[test]
fn a_form_full_of_options_and_labels_is_read_in_one_pass() {
    // As many cells as the limit on elements allows: work that grows with their square would not end.
    let cells = |words: &str| tbl(&vec![tr(&[tc(1, &p(&run(words)))]); 20_000]);
    for words in
        ["Child in Need", "Date of Birth", "Child / Young Person Details", "Name", "Brief details of the incident"]
    {
        let doc = docx_read::read(&docx(&cells(words)), &Limits::default()).expect("within the limits");
        for definition in &definitions() {
            let (referral, _) = read_form::read(&doc, definition);
            assert!(!referral.children.is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn bytes_changed_anywhere_never_stop_the_reader(changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..8)) {
        let mut bytes = plain();
        for (at, byte) in changes {
            let at = usize::from(at) % bytes.len();
            bytes[at] = byte;
        }
        if let Ok(doc) = docx_read::read(&bytes, &Limits::default()) {
            for definition in &definitions() {
                let _ = read_form::read(&doc, definition);
            }
        }
    }

    #[test]
    fn markup_changed_anywhere_never_stops_the_reader(changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..4)) {
        let mut xml = document(&Style::default().body(&Facts::new(1, 1).json)).into_bytes();
        for (at, byte) in changes {
            let at = usize::from(at) % xml.len();
            xml[at] = byte;
        }
        let (outcome, work) = docx_read::measured(&package(&[("word/document.xml", &xml)]), &Limits::default());
        prop_assert!(work.bytes == xml.len() as u64 && work.elements <= xml.len(), "{work:?}");
        if let Ok(doc) = outcome {
            for definition in &definitions() {
                let (referral, _) = read_form::read(&doc, definition);
                prop_assert!(!referral.children.is_empty());
            }
        }
    }

    #[test]
    fn markup_in_any_order_never_stops_the_reader(parts in proptest::collection::vec(0usize..24, 0..60)) {
        let pieces = [
            "<w:p>", "</w:p>", "<w:r>", "</w:r>", "<w:t>Name</w:t>", "<w:tbl>", "</w:tbl>", "<w:tr>", "</w:tr>", "<w:tc>",
            "</w:tc>", "<w:sdt>", "</w:sdt>", "<w:sdtPr><w14:checkbox/></w:sdtPr>", "<w:txbxContent>", "</w:txbxContent>",
            "<w:fldChar w:fldCharType=\"begin\"><w:ffData><w:checkBox/></w:ffData></w:fldChar>",
            "<w:tcPr><w:vMerge/><w:gridSpan w:val=\"99999999999\"/></w:tcPr>", "<w:trPr><w:gridBefore w:val=\"-1\"/><w:del/></w:trPr>",
            "<w:del>", "</w:del>", "<w:sym w:font=\"Wingdings\" w:char=\"F0FE\"/>", "<w:tcPr><w:hMerge/></w:tcPr>",
            "<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>",
        ];
        // Closed in the order they were opened in, so that the reader's own walk is tested, not only its XML.
        let mut body = String::new();
        let mut open: Vec<&str> = Vec::new();
        for part in parts {
            let piece = pieces[part];
            match piece.strip_prefix("</") {
                Some(_) => if let Some(name) = open.pop() { body += &format!("</{name}>"); },
                None => {
                    body += piece;
                    if !piece.contains("/") { open.push(piece.trim_matches(['<', '>'])); }
                }
            }
        }
        while let Some(name) = open.pop() { body += &format!("</{name}>"); }
        if let Ok(doc) = docx_read::read(&docx(&body), &Limits::default()) {
            for definition in &definitions() {
                let _ = read_form::read(&doc, definition);
            }
        }
    }

    #[test]
    fn a_day_written_in_any_of_our_ways_reads_back(days in 0i64..36_500, way in 0usize..7) {
        use chrono::{Days, NaiveDate};
        let first = NaiveDate::from_ymd_opt(1960, 1, 1).expect("a day");
        let day = first + Days::new(days.unsigned_abs());
        let written = match way {
            0 => day.format("%d/%m/%Y").to_string(),
            1 => day.format("%-d.%-m.%Y").to_string(),
            2 => day.format("%A %-d %B %Y").to_string(),
            3 => day.format("%-d %b %y").to_string(),
            4 => day.format("%Y-%m-%d").to_string(),
            5 => day.format("%d%m%y").to_string(),
            _ => day.format("%a %-dth of %B, %Y").to_string(),
        };
        // Two figures say the year only within a hundred years before the latest day.
        let latest = NaiveDate::from_ymd_opt(2059, 12, 31).expect("a day");
        prop_assert_eq!(daymark::core::uk_date::parse(&written, latest), Ok(day), "{}", written);
    }

    #[test]
    fn any_text_is_a_date_or_a_reason(text in "\\PC{0,40}") {
        let latest = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
        let _ = daymark::core::uk_date::parse(&text, latest);
        let _ = daymark::core::nhs_number::parse(&text);
    }
}
