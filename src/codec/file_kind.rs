//! What a file is, by its bytes. Its name decides nothing (M15): `form.pdf` may be a Word document.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::core::inbound::FileKind;

/// A zip with more entries than this is not looked into: no Word document has so many (H01).
const MOST_ENTRIES: u16 = 10_000;
/// How much of `[Content_Types].xml` is read, in bytes: real ones have two or three thousand.
const CONTENT_TYPES_LIMIT: u64 = 256 * 1024;
/// Word's lock file `~$name.docx` has exactly this many bytes: the name of whoever has the document open.
const LOCK_FILE_LENGTH: usize = 162;

const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
const LOCAL_HEADER: &[u8] = b"PK\x03\x04";
const END_OF_DIRECTORY: &[u8] = b"PK\x05\x06";

/// Says what `bytes` are. Looks at magic numbers and, in a zip, at the declared content types
/// (ECMA-376 part 2, section 10.1.2); unpacks no more than `CONTENT_TYPES_LIMIT`. Never fails.
pub fn of(bytes: &[u8]) -> FileKind {
    if bytes.is_empty() {
        FileKind::Empty
    } else if is_lock_file(bytes) {
        FileKind::LockFile
    } else if bytes.starts_with(LOCAL_HEADER) {
        zip_kind(bytes)
    } else if bytes.starts_with(OLE) {
        ole_kind(bytes)
    } else if contains(&bytes[..bytes.len().min(1024)], b"%PDF-") {
        FileKind::Pdf
    } else if is_image(bytes) {
        FileKind::Image
    } else {
        FileKind::Other
    }
}

fn is_lock_file(bytes: &[u8]) -> bool {
    let Some((&length, rest)) = bytes.split_first() else { return false };
    bytes.len() == LOCK_FILE_LENGTH
        && (1..=53).contains(&length)
        && rest.iter().take(usize::from(length)).all(|byte| *byte >= b' ')
}

fn is_image(bytes: &[u8]) -> bool {
    const MAGIC: [&[u8]; 6] = [b"\x89PNG", b"\xFF\xD8\xFF", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*"];
    MAGIC.iter().any(|magic| bytes.starts_with(magic))
        || (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"))
        || (bytes.starts_with(b"BM") && bytes.get(6..10) == Some(&[0; 4]))
}

/// A protected Word file is an OLE file with a stream of this name (MS-OFFCRYPTO section 2.3.4.4).
fn ole_kind(bytes: &[u8]) -> FileKind {
    let stream: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if contains(bytes, &stream) { FileKind::Encrypted } else { FileKind::LegacyOffice }
}

fn zip_kind(bytes: &[u8]) -> FileKind {
    match entries(bytes) {
        // The directory is at the end, so a file cut short has none. If it began as a Word document, the Word
        // reader shall say that it is damaged: better than calling it "some zip".
        None if contains(bytes, b"word/document") => FileKind::Word,
        None => FileKind::Zip,
        Some(count) if count > MOST_ENTRIES => FileKind::Zip,
        Some(_) => by_content_types(bytes),
    }
}

/// The number of entries that the end-of-directory record declares (APPNOTE 4.3.16).
fn entries(bytes: &[u8]) -> Option<u16> {
    let tail = &bytes[bytes.len().saturating_sub(65_557)..];
    let at = tail.windows(4).rposition(|window| window == END_OF_DIRECTORY)?;
    let count = tail.get(at + 10..at + 12)?;
    Some(u16::from_le_bytes([count[0], count[1]]))
}

fn by_content_types(bytes: &[u8]) -> FileKind {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return if contains(bytes, b"word/document") { FileKind::Word } else { FileKind::Zip };
    };
    let mut types = Vec::new();
    let readable = archive
        .by_name("[Content_Types].xml")
        .is_ok_and(|part| part.take(CONTENT_TYPES_LIMIT).read_to_end(&mut types).is_ok());
    // Some writers use UTF-16, where each letter has a zero beside it.
    types.retain(|byte| *byte != 0);
    types.make_ascii_lowercase();
    let declares = |name: &str| contains(&types, name.as_bytes());
    if declares("ms-word.document.macroenabled.main+xml") || declares("ms-word.template.macroenabledtemplate.main+xml")
    {
        FileKind::WordMacro
    } else if declares("wordprocessingml.document.main+xml") || declares("wordprocessingml.template.main+xml") {
        FileKind::Word
    } else if declares("spreadsheetml.sheet.main+xml")
        || declares("spreadsheetml.template.main+xml")
        || declares("ms-excel.sheet.macroenabled.main+xml")
        || declares("ms-excel.sheet.binary.macroenabled.main")
    {
        FileKind::Workbook
    } else if (!readable || types.is_empty()) && archive.by_name("word/document.xml").is_ok() {
        FileKind::Word
    } else {
        FileKind::Zip
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;
    use zip::write::SimpleFileOptions;

    use super::*;

    const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";

    fn zip(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn office(main: &str, content_type: &str) -> Vec<u8> {
        let types = format!(r#"<Types><Override PartName="/{main}" ContentType="{content_type}"/></Types>"#);
        zip(&[("[Content_Types].xml", &types), (main, "<x/>")])
    }

    #[test]
    fn h03_each_file_is_what_its_bytes_say() {
        let encrypted: Vec<u8> =
            [OLE.to_vec(), "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
        let mut lock = vec![0; LOCK_FILE_LENGTH];
        lock[..12].copy_from_slice(b"\x0bWren Sample");
        let cases: Vec<(Vec<u8>, FileKind)> = vec![
            (office("word/document.xml", WORD), FileKind::Word),
            (office("word/document2.xml", WORD), FileKind::Word),
            (
                office("word/document.xml", "application/vnd.ms-word.document.macroEnabled.main+xml"),
                FileKind::WordMacro,
            ),
            (
                office("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
                FileKind::Workbook,
            ),
            (zip(&[("word/document.xml", "<x/>")]), FileKind::Word),
            (zip(&[("readme.txt", "word/document.xml is not here")]), FileKind::Zip),
            (encrypted, FileKind::Encrypted),
            (OLE.to_vec(), FileKind::LegacyOffice),
            (lock, FileKind::LockFile),
            (b"%PDF-1.7 ".to_vec(), FileKind::Pdf),
            (b"\x89PNG\r\n".to_vec(), FileKind::Image),
            (Vec::new(), FileKind::Empty),
            (b"Dear team".to_vec(), FileKind::Other),
        ];
        for (number, (bytes, kind)) in cases.into_iter().enumerate() {
            assert_eq!(of(&bytes), kind, "case {number}");
        }
    }

    #[test]
    fn h03_a_word_file_cut_short_is_still_called_word() {
        let whole = office("word/document.xml", WORD);
        assert_eq!(of(&whole[..whole.len() - 60]), FileKind::Word);
    }

    #[test]
    fn h01_a_zip_that_declares_too_many_entries_is_not_opened() {
        let mut bytes = office("word/document.xml", WORD);
        let at = bytes.windows(4).rposition(|window| window == END_OF_DIRECTORY).unwrap();
        bytes[at + 10..at + 12].copy_from_slice(&[0xFF, 0xFF]);
        assert_eq!(of(&bytes), FileKind::Zip);
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_kind(mut bytes in proptest::collection::vec(any::<u8>(), 0..400), start in 0usize..3) {
            let magic: [&[u8]; 3] = [b"", LOCAL_HEADER, OLE];
            bytes.splice(0..0, magic[start].iter().copied());
            of(&bytes);
        }
    }
}
