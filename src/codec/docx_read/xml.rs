//! XML events within limits: depth, elements, no DOCTYPE, no entity but the five of XML itself (H02).

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

use super::{Limits, Unreadable, UnreadableKind, Work};

/// The vocabularies we know, by address, whatever prefix a file gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// WordprocessingML, transitional (ECMA-376) or strict (ISO/IEC 29500).
    Word,
    /// Word 2010's additions: tick boxes ([MS-DOCX] 2.6).
    Word2010,
    /// Markup compatibility (ECMA-376 part 3).
    Compatibility,
    /// Relationships of a package (ECMA-376 part 2).
    Relations,
    /// Custom document properties and their values.
    Properties,
    /// Any other.
    Other,
}

fn space(resolved: &ResolveResult<'_>) -> Space {
    let ResolveResult::Bound(Namespace(address)) = resolved else {
        return Space::Other;
    };
    match *address {
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        | "http://purl.oclc.org/ooxml/wordprocessingml/main" => Space::Word,
        "http://schemas.microsoft.com/office/word/2010/wordml" => Space::Word2010,
        "http://schemas.openxmlformats.org/markup-compatibility/2006" => Space::Compatibility,
        "http://schemas.openxmlformats.org/package/2006/relationships" => Space::Relations,
        "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
        | "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
        | "http://purl.oclc.org/ooxml/officeDocument/customProperties"
        | "http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes" => Space::Properties,
        _ => Space::Other,
    }
}

/// One thing met in a part.
#[derive(Debug)]
pub enum Met<'a> {
    /// An element opens. An empty element opens and closes.
    Open(Space, Element<'a>),
    /// The innermost element closes.
    Close,
    /// Text.
    Text(Cow<'a, str>),
}

/// An element's name and attributes.
#[derive(Debug)]
pub struct Element<'a>(BytesStart<'a>);

impl Element<'_> {
    /// Its name without a prefix.
    pub fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// The value of an attribute, by name without a prefix.
    pub fn attribute(&self, name: &str) -> Option<String> {
        self.0
            .attributes()
            .with_checks(false)
            .flatten()
            .find(|attribute| attribute.key.local_name().into_inner() == name)
            .and_then(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned))
    }

    /// The attribute `val`.
    pub fn val(&self) -> Option<String> {
        self.attribute("val")
    }

    /// A switch such as `<w:strike/>`: on unless its value says off (ECMA-376 part 1, 17.17.4).
    pub fn on(&self) -> bool {
        !matches!(self.val().as_deref(), Some("0" | "false" | "off"))
    }
}

/// Reads the events of one part.
pub struct Events<'a> {
    reader: NsReader<&'a [u8]>,
    limits: Limits,
    depth: usize,
}

impl<'a> Events<'a> {
    /// Starts at the beginning of a part.
    pub fn of(text: &'a str, limits: &Limits) -> Self {
        let mut reader = NsReader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, limits: *limits, depth: 0 }
    }

    /// The next event; `None` at a proper end.
    pub fn next(&mut self, work: &mut Work) -> Result<Option<Met<'a>>, Unreadable> {
        loop {
            let (resolved, event) = self.reader.read_resolved_event().map_err(|_| broken())?;
            let met = match event {
                Event::Start(start) => {
                    let space = space(&resolved);
                    self.depth += 1;
                    work.elements += 1;
                    work.depth = work.depth.max(self.depth);
                    self.check(work)?;
                    Met::Open(space, Element(start))
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Met::Close
                }
                Event::Text(text) => Met::Text(text.xml10_content()),
                Event::CData(text) => Met::Text(text.xml10_content()),
                Event::GeneralRef(name) => Met::Text(Cow::Owned(reference(&name)?.to_string())),
                Event::DocType(_) => {
                    return Err(Unreadable::new(
                        UnreadableKind::Unsafe,
                        "The file declares its own document type, which no Word document does.",
                    ));
                }
                Event::Eof if self.depth > 0 => {
                    return Err(Unreadable::new(
                        UnreadableKind::CutShort,
                        format!("The file stops before its end: {} elements are still open.", self.depth),
                    ));
                }
                Event::Eof => return Ok(None),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
            };
            return Ok(Some(met));
        }
    }

    fn check(&self, work: &Work) -> Result<(), Unreadable> {
        let Limits { depth, elements, .. } = self.limits;
        if self.depth > depth {
            let what = format!("The file is nested more than {depth} deep, far deeper than any form.");
            return Err(Unreadable::new(UnreadableKind::TooLarge, what));
        }
        if work.elements > elements {
            let what = format!("The file holds more than {elements} elements, far more than any form.");
            return Err(Unreadable::new(UnreadableKind::TooLarge, what));
        }
        Ok(())
    }
}

fn reference(name: &quick_xml::events::BytesRef<'_>) -> Result<char, Unreadable> {
    if let Ok(Some(character)) = name.resolve_char_ref() {
        return Ok(character);
    }
    match &**name {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err(Unreadable::new(UnreadableKind::Unsafe, "The file uses an entity, which no Word document does.")),
    }
}

fn broken() -> Unreadable {
    Unreadable::new(UnreadableKind::Damaged, "The file is damaged: its text is not well-formed XML.")
}
