//! The body of the form: paragraphs, tables of questions, content controls.

use std::borrow::Cow;
use std::io::{self, Cursor};

use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::writer::Writer;

use super::{OUTCOMES, STATUSES};

const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const WORD_2010: &str = "http://schemas.microsoft.com/office/word/2010/wordml";
const COMPATIBILITY: &str = "http://schemas.openxmlformats.org/markup-compatibility/2006";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Width of an A4 page between our margins, in twentieths of a point.
const WIDTH: usize = 9638;

/// How an answer is given; the text is the tag.
#[derive(Clone, Copy)]
pub enum Control<'a> {
    /// Free text, several lines allowed.
    Text(&'a str),
    /// Free text that is filled in already, when it is not empty.
    Filled(&'a str, &'a str),
    /// A day picked from a calendar or typed.
    Date(&'a str),
    /// One of a list.
    List(&'a str, &'a [&'a str]),
    /// Boxes to tick: value and words of each.
    Boxes(&'a str, &'a [(&'a str, &'a str)]),
}

type Attributes<'a> = &'a [(&'a str, &'a str)];

/// The document while it is written.
pub struct Sheet {
    out: Writer<Cursor<Vec<u8>>>,
    /// Number of the last control: each needs one of its own.
    controls: u32,
}

impl Sheet {
    /// Opens the document.
    pub fn begin() -> io::Result<Self> {
        let mut sheet = Self { out: Writer::new(Cursor::new(Vec::new())), controls: 0 };
        sheet.out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), Some("yes"))))?;
        let spaces = [
            ("xmlns:w", WORD),
            ("xmlns:w14", WORD_2010),
            ("xmlns:mc", COMPATIBILITY),
            ("xmlns:r", RELATIONS),
            ("mc:Ignorable", "w14"),
        ];
        sheet.open("w:document", &spaces)?;
        sheet.open("w:body", &[])?;
        Ok(sheet)
    }

    /// Closes the document: A4, a footer with page numbers.
    pub fn finish(mut self) -> io::Result<Vec<u8>> {
        self.open("w:sectPr", &[])?;
        self.empty("w:footerReference", &[("w:type", "default"), ("r:id", "rId2")])?;
        self.empty("w:pgSz", &[("w:w", "11906"), ("w:h", "16838")])?;
        self.empty(
            "w:pgMar",
            &[
                ("w:top", "1134"),
                ("w:right", "1134"),
                ("w:bottom", "1134"),
                ("w:left", "1134"),
                ("w:header", "708"),
                ("w:footer", "708"),
                ("w:gutter", "0"),
            ],
        )?;
        for name in ["w:sectPr", "w:body", "w:document"] {
            self.close(name)?;
        }
        Ok(self.out.into_inner().into_inner())
    }

    /// A paragraph in a style.
    pub fn paragraph(&mut self, style: &str, text: &str) -> io::Result<()> {
        self.open("w:p", &[])?;
        self.open("w:pPr", &[])?;
        self.empty("w:pStyle", &[("w:val", style)])?;
        self.close("w:pPr")?;
        self.run(None, text)?;
        self.close("w:p")
    }

    /// A table of questions: the label left, the answer right.
    pub fn questions(&mut self, rows: &[(&str, Control<'_>)]) -> io::Result<()> {
        let columns = [WIDTH / 3, WIDTH - WIDTH / 3];
        self.begin_table(&columns)?;
        for (label, control) in rows {
            self.open("w:tr", &[])?;
            self.label(columns[0], label)?;
            self.begin_cell(columns[1])?;
            self.control(label, *control)?;
            self.close("w:tc")?;
            self.close("w:tr")?;
        }
        self.close("w:tbl")
    }

    /// The questions about one child.
    pub fn child(&mut self, number: usize) -> io::Result<()> {
        let tag = |field: &str| format!("child{number}.{field}");
        let [name, address, birth, incident] = ["name", "address", "date_of_birth", "date_of_incident"].map(tag);
        let [outcome, status, early_help, parents] = ["outcome", "status", "early_help", "parents"].map(tag);
        let [siblings, school, gp, nhs_number] = ["siblings", "school", "gp", "nhs_number"].map(tag);
        self.questions(&[
            ("Child’s name", Control::Text(&name)),
            ("Home address", Control::Text(&address)),
            ("Date of birth", Control::Date(&birth)),
            ("Date of death or incident", Control::Date(&incident)),
            ("What happened to the child", Control::List(&outcome, &OUTCOMES)),
            ("Status at the time of the incident (tick all that apply)", Control::Boxes(&status, &STATUSES)),
            ("Which early help service", Control::Text(&early_help)),
            ("Parents or carers", Control::Text(&parents)),
            ("Brothers and sisters", Control::Text(&siblings)),
            ("School, nursery or college", Control::Text(&school)),
            ("GP name and address", Control::Text(&gp)),
            ("NHS number", Control::Text(&nhs_number)),
        ])
    }

    /// A table of people: a heading row, which repeats on each page, and empty rows.
    pub fn people(&mut self, list: &str, columns: &[(&str, &str)], rows: usize) -> io::Result<()> {
        let widths = vec![WIDTH / columns.len().max(1); columns.len()];
        self.begin_table(&widths)?;
        self.open("w:tr", &[])?;
        self.open("w:trPr", &[])?;
        self.empty("w:tblHeader", &[])?;
        self.close("w:trPr")?;
        for ((label, _), width) in columns.iter().zip(&widths) {
            self.label(*width, label)?;
        }
        self.close("w:tr")?;
        for row in 1..=rows {
            self.open("w:tr", &[])?;
            for ((label, field), width) in columns.iter().zip(&widths) {
                self.begin_cell(*width)?;
                self.control(label, Control::Text(&format!("{list}{row}.{field}")))?;
                self.close("w:tc")?;
            }
            self.close("w:tr")?;
        }
        self.close("w:tbl")
    }

    fn begin_table(&mut self, widths: &[usize]) -> io::Result<()> {
        self.open("w:tbl", &[])?;
        self.open("w:tblPr", &[])?;
        self.empty("w:tblStyle", &[("w:val", "TableGrid")])?;
        self.empty("w:tblW", &[("w:w", &widths.iter().sum::<usize>().to_string()), ("w:type", "dxa")])?;
        self.empty("w:tblLayout", &[("w:type", "fixed")])?;
        self.close("w:tblPr")?;
        self.open("w:tblGrid", &[])?;
        for width in widths {
            self.empty("w:gridCol", &[("w:w", &width.to_string())])?;
        }
        self.close("w:tblGrid")
    }

    fn begin_cell(&mut self, width: usize) -> io::Result<()> {
        self.open("w:tc", &[])?;
        self.open("w:tcPr", &[])?;
        self.empty("w:tcW", &[("w:w", &width.to_string()), ("w:type", "dxa")])?;
        self.close("w:tcPr")
    }

    fn label(&mut self, width: usize, text: &str) -> io::Result<()> {
        self.begin_cell(width)?;
        self.paragraph("Label", text)?;
        self.close("w:tc")
    }

    fn control(&mut self, alias: &str, control: Control<'_>) -> io::Result<()> {
        match control {
            Control::Text(tag) | Control::Filled(tag, "") => {
                self.answer(alias, tag, None, |sheet| sheet.empty("w:text", &[("w:multiLine", "1")]))
            }
            Control::Filled(tag, text) => {
                self.answer(alias, tag, Some(text), |sheet| sheet.empty("w:text", &[("w:multiLine", "1")]))
            }
            Control::Date(tag) => self.answer(alias, tag, None, |sheet| {
                sheet.open("w:date", &[])?;
                sheet.empty("w:dateFormat", &[("w:val", "dd/MM/yyyy")])?;
                sheet.empty("w:lid", &[("w:val", "en-GB")])?;
                sheet.empty("w:storeMappedDataAs", &[("w:val", "dateTime")])?;
                sheet.empty("w:calendar", &[("w:val", "gregorian")])?;
                sheet.close("w:date")
            }),
            Control::List(tag, values) => self.answer(alias, tag, None, |sheet| {
                sheet.open("w:dropDownList", &[])?;
                for value in values {
                    sheet.empty("w:listItem", &[("w:displayText", value), ("w:value", value)])?;
                }
                sheet.close("w:dropDownList")
            }),
            Control::Boxes(tag, options) => {
                for (value, words) in options {
                    self.open("w:p", &[])?;
                    self.tick_box(words, &format!("{tag}.{value}"))?;
                    self.run(None, &format!(" {words}"))?;
                    self.close("w:p")?;
                }
                Ok(())
            }
        }
    }

    /// A paragraph with one control: showing its prompt, or filled in.
    fn answer(
        &mut self,
        alias: &str,
        tag: &str,
        filled: Option<&str>,
        kind: impl Fn(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        let date = tag == "submitted" || tag == "la_aware" || tag.contains(".date_");
        let prompt = match tag {
            _ if date => "Click or tap to enter a date.",
            _ if tag.ends_with(".outcome") => "Choose an item.",
            _ => "Click or tap here to enter text.",
        };
        self.open("w:p", &[])?;
        self.begin_control(alias, tag)?;
        if filled.is_none() {
            self.empty("w:showingPlcHdr", &[])?;
        }
        kind(self)?;
        self.close("w:sdtPr")?;
        self.open("w:sdtContent", &[])?;
        match filled {
            Some(text) => self.run(None, text)?,
            None => self.run(Some("PlaceholderText"), prompt)?,
        }
        for name in ["w:sdtContent", "w:sdt", "w:p"] {
            self.close(name)?;
        }
        Ok(())
    }

    fn tick_box(&mut self, alias: &str, tag: &str) -> io::Result<()> {
        self.begin_control(alias, tag)?;
        self.open("w14:checkbox", &[])?;
        self.empty("w14:checked", &[("w14:val", "0")])?;
        self.empty("w14:checkedState", &[("w14:val", "2612"), ("w14:font", "MS Gothic")])?;
        self.empty("w14:uncheckedState", &[("w14:val", "2610"), ("w14:font", "MS Gothic")])?;
        self.close("w14:checkbox")?;
        self.close("w:sdtPr")?;
        self.open("w:sdtContent", &[])?;
        self.run(None, "☐")?;
        self.close("w:sdtContent")?;
        self.close("w:sdt")
    }

    fn begin_control(&mut self, alias: &str, tag: &str) -> io::Result<()> {
        self.controls += 1;
        self.open("w:sdt", &[])?;
        self.open("w:sdtPr", &[])?;
        self.empty("w:alias", &[("w:val", alias)])?;
        self.empty("w:tag", &[("w:val", tag)])?;
        self.empty("w:id", &[("w:val", &self.controls.to_string())])
    }

    fn run(&mut self, style: Option<&str>, text: &str) -> io::Result<()> {
        self.open("w:r", &[])?;
        if let Some(style) = style {
            self.open("w:rPr", &[])?;
            self.empty("w:rStyle", &[("w:val", style)])?;
            self.close("w:rPr")?;
        }
        self.open("w:t", &[("xml:space", "preserve")])?;
        self.out.write_event(Event::Text(BytesText::new(&legal(text))))?;
        self.close("w:t")?;
        self.close("w:r")
    }

    fn open(&mut self, name: &str, attributes: Attributes<'_>) -> io::Result<()> {
        self.out.write_event(Event::Start(element(name, attributes)))
    }

    fn empty(&mut self, name: &str, attributes: Attributes<'_>) -> io::Result<()> {
        self.out.write_event(Event::Empty(element(name, attributes)))
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.out.write_event(Event::End(BytesEnd::new(name)))
    }
}

fn element<'a>(name: &'a str, attributes: Attributes<'_>) -> BytesStart<'a> {
    BytesStart::new(name).with_attributes(attributes.iter().copied())
}

/// Characters that XML 1.0 forbids (2.2) would make a file that no program opens.
fn legal(text: &str) -> Cow<'_, str> {
    let forbidden = |c: char| c.is_control() && c != '\t' || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if text.contains(forbidden) { Cow::Owned(text.replace(forbidden, " ")) } else { Cow::Borrowed(text) }
}
