//! XML events within limits: depth, elements, no DOCTYPE, no entity but the five of XML itself (H02).

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

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

fn space(address: &str) -> Space {
    match address {
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

/// What prefixes stand for. A part declares them on its root and uses one of them nearly everywhere, so the last
/// one looked up is remembered: quick-xml's own resolver, which is not told what we look for, took half the time.
#[derive(Default)]
struct Prefixes {
    /// Depth of the element that declares it, prefix, meaning; later ones win.
    declared: Vec<(usize, String, Space)>,
    last: Option<(String, Space)>,
}

/// Word declares about thirty; a file that declares more than this is made to cost time.
const MOST_PREFIXES: usize = 256;

impl Prefixes {
    /// Takes in what an element declares.
    fn declare(&mut self, depth: usize, start: &BytesStart<'_>) -> Result<(), Unreadable> {
        if !start.attributes_raw().contains("xmlns") {
            return Ok(());
        }
        for attribute in start.attributes().with_checks(false) {
            let Ok(attribute) = attribute else { break };
            let prefix = match attribute.key.into_inner() {
                "xmlns" => "",
                key => match key.strip_prefix("xmlns:") {
                    Some(prefix) => prefix,
                    None => continue,
                },
            };
            if self.declared.len() >= MOST_PREFIXES {
                let what =
                    format!("The file declares more than {MOST_PREFIXES} vocabularies; Word declares about thirty.");
                return Err(Unreadable::new(UnreadableKind::TooLarge, what));
            }
            self.declared.push((depth, prefix.to_owned(), space(&attribute.value)));
            self.last = None;
        }
        Ok(())
    }

    /// Forgets what an element at `depth` declared: it has closed.
    fn forget(&mut self, depth: usize) {
        while self.declared.pop_if(|(declared, ..)| *declared >= depth).is_some() {
            self.last = None;
        }
    }

    /// The vocabulary of an element. One whose prefix nobody declared is in none.
    fn space(&mut self, start: &BytesStart<'_>) -> Space {
        let name = start.name();
        let prefix = name.prefix().map_or("", |prefix| prefix.into_inner());
        if let Some((last, space)) = &self.last
            && last == prefix
        {
            return *space;
        }
        let found = self.declared.iter().rev().find(|(_, declared, _)| declared == prefix);
        let space = found.map_or(Space::Other, |(.., space)| *space);
        self.last = Some((prefix.to_owned(), space));
        space
    }
}

/// Reads the events of one part.
pub struct Events<'a> {
    reader: Reader<&'a [u8]>,
    prefixes: Prefixes,
    limits: Limits,
    depth: usize,
}

impl<'a> Events<'a> {
    /// Starts at the beginning of a part.
    pub fn of(text: &'a str, limits: &Limits) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, prefixes: Prefixes::default(), limits: *limits, depth: 0 }
    }

    /// The next event; `None` at a proper end.
    pub fn next(&mut self, work: &mut Work) -> Result<Option<Met<'a>>, Unreadable> {
        loop {
            let event = self.reader.read_event().map_err(|_| broken())?;
            let met = match event {
                Event::Start(start) => {
                    self.depth += 1;
                    work.elements += 1;
                    work.depth = work.depth.max(self.depth);
                    self.check(work)?;
                    self.prefixes.declare(self.depth, &start)?;
                    Met::Open(self.prefixes.space(&start), Element(start))
                }
                Event::End(_) => {
                    self.prefixes.forget(self.depth);
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
