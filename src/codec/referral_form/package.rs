//! The package around the body: fixed parts, fixed times, so that the same form is the same bytes.

use std::io::{self, Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The parts that are the same in every form, in the order in which they are written.
const PARTS: [(&str, &str); 6] = [
    ("[Content_Types].xml", include_str!("../../../templates/referral-form/content-types.xml")),
    ("_rels/.rels", include_str!("../../../templates/referral-form/package-relations.xml")),
    ("docProps/core.xml", include_str!("../../../templates/referral-form/properties.xml")),
    ("word/_rels/document.xml.rels", include_str!("../../../templates/referral-form/document-relations.xml")),
    ("word/styles.xml", include_str!("../../../templates/referral-form/styles.xml")),
    ("word/footer1.xml", include_str!("../../../templates/referral-form/footer.xml")),
];

/// Puts the document in its package.
pub fn zip(document: &[u8]) -> io::Result<Vec<u8>> {
    // 1 January 1980, the first day a zip knows: a true time would make each copy different.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in PARTS {
        zip.start_file(name, options)?;
        zip.write_all(text.as_bytes())?;
    }
    zip.start_file("word/document.xml", options)?;
    zip.write_all(document)?;
    Ok(zip.finish()?.into_inner())
}
