//! The zip around a Word document: which parts there are, and one part inflated within limits (H01, H03).

use std::collections::HashMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{Limits, Unreadable, UnreadableKind, Work};

/// An opened package.
pub struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Part names in lower case (part names know no case, ECMA-376 part 2) → index in the archive.
    names: HashMap<String, usize>,
    limits: Limits,
}

impl<'a> Package<'a> {
    /// Lists the parts, having counted the entries and looked for twins before any of them costs memory.
    pub fn open(bytes: &'a [u8], limits: &Limits, work: &mut Work) -> Result<Self, Unreadable> {
        if !bytes.starts_with(b"PK") {
            return Err(not_a_zip(bytes));
        }
        check_directory(bytes, limits, work)?;
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
        let names = (0..archive.len())
            .filter_map(|index| Some((part_name(&archive.name_for_index(index)?.ok()?), index)))
            .collect();
        Ok(Self { archive, names, limits: *limits })
    }

    /// One part as text, or `None` when there is no such part.
    pub fn part(&mut self, name: &str, work: &mut Work) -> Result<Option<String>, Unreadable> {
        let Some(index) = self.names.get(&part_name(name)).copied() else {
            return Ok(None);
        };
        let entry = self.archive.by_index_raw(index).map_err(|_| damaged())?;
        if entry.encrypted() {
            return Err(protected());
        }
        let said = entry.size();
        drop(entry);
        let room = self.limits.part_bytes.min(self.limits.total_bytes.saturating_sub(work.bytes));
        if said > room {
            return Err(too_large(room));
        }
        let entry = self.archive.by_index(index).map_err(|_| damaged())?;
        // No more room is set aside than the entry says it needs, and that is within the limit.
        let mut inflated = Vec::with_capacity(usize::try_from(said).unwrap_or(0));
        let read = entry.take(room + 1).read_to_end(&mut inflated);
        work.bytes += inflated.len() as u64;
        if inflated.len() as u64 > room {
            return Err(too_large(room));
        }
        if read.is_err() || inflated.len() as u64 != said {
            return Err(damaged());
        }
        decode(inflated).map(Some)
    }

    /// Names of the header and footer parts, in order of their names.
    pub fn margins(&self) -> Vec<String> {
        let is_margin = |name: &&String| {
            name.strip_prefix("word/").is_some_and(|rest| {
                (rest.starts_with("header") || rest.starts_with("footer")) && rest.ends_with(".xml")
            })
        };
        let mut names: Vec<_> = self.names.keys().filter(is_margin).cloned().collect();
        names.sort_unstable();
        names
    }

    /// Why this zip is no Word document.
    pub fn not_word(&self) -> Unreadable {
        let holds = |folder: &str| self.names.keys().any(|name| name.starts_with(folder));
        if holds("xl/") {
            Unreadable::new(UnreadableKind::OtherOffice, "This is a workbook, not a Word document.")
        } else if holds("ppt/") {
            Unreadable::new(UnreadableKind::OtherOffice, "This is a presentation, not a Word document.")
        } else {
            Unreadable::new(UnreadableKind::NotWord, "This is a zip file, but no Word document.")
        }
    }
}

/// Backslashes are written by some old packagers.
fn part_name(name: &str) -> String {
    name.trim_start_matches('/').replace('\\', "/").to_lowercase()
}

/// Walks the central directory (APPNOTE 4.3.12, 4.3.16) before the archive is opened: the zip crate keeps one of two
/// entries with the same name, and builds a table of every entry first.
fn check_directory(bytes: &[u8], limits: &Limits, work: &mut Work) -> Result<(), Unreadable> {
    const END: &[u8] = b"PK\x05\x06";
    let tail = bytes.len().saturating_sub(65_535 + 22);
    let end = bytes[tail..].windows(4).rposition(|window| window == END).map(|at| tail + at).ok_or_else(|| {
        Unreadable::new(UnreadableKind::CutShort, "The file stops before its end: its list of contents is missing.")
    })?;
    let number = |at: usize, width: usize| -> Option<usize> {
        let field = bytes.get(at..at + width)?;
        Some(field.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
    };
    let count = number(end + 10, 2).ok_or_else(damaged)?;
    let size = number(end + 12, 4).ok_or_else(damaged)?;
    // 65,535 says that a 64-bit directory holds the true count: no form has that many parts.
    if count > limits.entries {
        return Err(Unreadable::new(
            UnreadableKind::TooLarge,
            format!("The file holds more than {} parts; a form has about twenty.", limits.entries),
        ));
    }
    let mut at = end.checked_sub(size).ok_or_else(damaged)?;
    let mut seen = HashMap::new();
    for _ in 0..count {
        if bytes.get(at..at + 4) != Some(b"PK\x01\x02".as_slice()) {
            return Err(damaged());
        }
        let lengths = [number(at + 28, 2), number(at + 30, 2), number(at + 32, 2)];
        let [Some(name), Some(extra), Some(comment)] = lengths else {
            return Err(damaged());
        };
        let name_bytes = bytes.get(at + 46..at + 46 + name).ok_or_else(damaged)?;
        let text = part_name(&String::from_utf8_lossy(name_bytes));
        if text.split('/').any(|step| step == "..") {
            return Err(Unreadable::new(
                UnreadableKind::Unsafe,
                "The file holds a part whose name leads outside the file.",
            ));
        }
        work.entries += 1;
        if seen.insert(text, ()).is_some() {
            return Err(Unreadable::new(UnreadableKind::Unsafe, "The file holds two parts of the same name."));
        }
        at += 46 + name + extra + comment;
    }
    // A directory longer than its count says would show other programs other parts than us.
    if at == end || bytes.get(at..at + 4).is_some_and(|next| next != b"PK\x01\x02") { Ok(()) } else { Err(damaged()) }
}

/// XML parts are UTF-8 or UTF-16 (ECMA-376 part 2); nothing else is guessed.
fn decode(bytes: Vec<u8>) -> Result<String, Unreadable> {
    let wide = |from: fn([u8; 2]) -> u16| {
        let (pairs, odd) = bytes.as_chunks::<2>();
        let units = pairs.iter().skip(1).map(|pair| from(*pair));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        text.ok().filter(|_| odd.is_empty()).ok_or_else(damaged)
    };
    match bytes.as_slice() {
        [0xFF, 0xFE, ..] => wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => wide(u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).map_err(|_| damaged()),
        _ => String::from_utf8(bytes).map_err(|_| damaged()),
    }
}

fn not_a_zip(bytes: &[u8]) -> Unreadable {
    use UnreadableKind::{Empty, LegacyOffice, LockFile, NotWord, Pdf};
    const OLE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    if bytes.is_empty() {
        Unreadable::new(Empty, "The file is empty.")
    } else if bytes.starts_with(OLE) {
        // MS-OFFCRYPTO 2.3.4.4: the stream's name, in UTF-16.
        let mark: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        if bytes.windows(mark.len()).any(|window| window == mark) {
            protected()
        } else {
            Unreadable::new(LegacyOffice, "The file is in an old Office format (.doc).")
        }
    } else if bytes.windows(5).take(1024).any(|window| window == b"%PDF-") {
        Unreadable::new(Pdf, "The file is a PDF, not a Word document.")
    } else if (162..=165).contains(&bytes.len()) && bytes[0] < 55 {
        Unreadable::new(LockFile, "This is the small file Word keeps beside an open form (its name begins with ~$).")
    } else {
        Unreadable::new(NotWord, "The file is not a Word document, whatever its name says.")
    }
}

fn protected() -> Unreadable {
    Unreadable::new(UnreadableKind::PasswordProtected, "The file is protected with a password.")
}

fn damaged() -> Unreadable {
    Unreadable::new(UnreadableKind::Damaged, "The file is damaged: its parts do not fit together.")
}

fn too_large(room: u64) -> Unreadable {
    let what = format!("The file unpacks to more than {} MB, far more than any form.", room >> 20);
    Unreadable::new(UnreadableKind::TooLarge, what)
}
