//! Makes `templates/dsl-notification/letter.docx`, so that its every character can be reviewed as text.
//!
//! To change the letter, change it here and run the test below with `DAYMARK_REMAKE=1`; or edit the .docx in
//! Word in the configuration folder, as councils do. The wording follows the schools' letter in a local
//! protocol of 2020 (DOMAIN 1.5), with its blanks as fields and no names.

use super::{W, parts, templates, zip};

const DARK: &str = "1F3A5F";

fn run(text: &str, properties: &str) -> String {
    format!(r#"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>"#)
}

fn paragraph(style: &str, runs: &str) -> String {
    format!(r#"<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{runs}</w:p>"#)
}

fn body(text: &str) -> String {
    paragraph("Normal", &run(text, ""))
}

/// A box that can be ticked with the mouse, with its word.
fn tick_box(id: u32, word: &str) -> String {
    let font = r#"<w:rFonts w:ascii="MS Gothic" w:hAnsi="MS Gothic" w:eastAsia="MS Gothic" w:hint="eastAsia"/>"#;
    format!(
        r#"<w:sdt><w:sdtPr><w:alias w:val="{word}"/><w:tag w:val="c.{tag}"/><w:id w:val="{id}"/><w14:checkbox><w14:checked w14:val="0"/><w14:checkedState w14:val="2612" w14:font="MS Gothic"/><w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>{}"#,
        run("☐", font),
        run(&format!(" {word}      "), ""),
        tag = word.to_lowercase(),
    )
}

/// A row: what is asked, and where the answer goes.
fn row(asked: &str, answer: String) -> String {
    let cell = |width: u32, fill: &str, content: String| {
        format!(
            r#"<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:shd w:val="clear" w:color="auto" w:fill="{fill}"/></w:tcPr>{content}</w:tc>"#
        )
    };
    format!(
        r#"<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="680" w:hRule="atLeast"/></w:trPr>{}{}</w:tr>"#,
        cell(5200, "E8EEF5", paragraph("Cell", &run(asked, ""))),
        cell(4156, "FFFFFF", answer)
    )
}

fn document() -> String {
    let questions = [
        row(
            "a. Dates on roll (to and from):*",
            ["From: ", "To: "].map(|end| paragraph("Cell", &run(end, ""))).concat(),
        ),
        row("b. Previous school (if applicable):*", paragraph("Cell", "")),
        row(
            "c. Do you hold any records that indicate child welfare/protection concerns relating to the named child? Yes / No*",
            paragraph("Cell", &[tick_box(1, "Yes"), tick_box(2, "No")].concat()),
        ),
        row("Return code (please leave it here)", paragraph("Cell", &run("{{ return_code }}", ""))),
    ]
    .concat();
    let side = |name: &str| format!(r#"<w:{name} w:val="single" w:sz="4" w:space="0" w:color="8A97A8"/>"#);
    let borders = ["top", "left", "bottom", "right", "insideH", "insideV"].map(side).concat();
    let table = format!(
        r#"<w:tbl><w:tblPr><w:tblW w:w="9356" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="113" w:type="dxa"/><w:right w:w="113" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid><w:gridCol w:w="5200"/><w:gridCol w:w="4156"/></w:tblGrid>{questions}</w:tbl>"#
    );
    let content = [
        paragraph("Marking", &run("Private and Confidential", "")),
        body("{{ date }}"),
        body("Our reference: {{ ref }}"),
        body("{{ lead_name }}, designated safeguarding lead, {{ school_name }}"),
        body("Dear {{ lead_name }},"),
        paragraph("Heading1", &run("Serious Incident Notification", "")),
        body(
            "This is a notification that the local authority is submitting a Serious Incident Notification to \
             {{ notified_body }} for {{ child_name }}, born {{ child_date_of_birth }}. Please confirm the following \
             details without delay:",
        ),
        table,
        paragraph("After", &run("Please return this information securely to: {{ org.return_address }}", "")),
        body(
            "Please continue to follow any usual protocols in your role as designated safeguarding lead. No further \
             action or information is required unless you are contacted further.",
        ),
        body("Thank you."),
        paragraph("Signature", &run("{{ org.signatory_name }}", "<w:b/>")),
        paragraph("Tight", &run("{{ org.signatory_title }}", "")),
        paragraph("Tight", &run("{{ org.name }}", "")),
        paragraph("Tight", &run("{{ org.signatory_telephone }}", "")),
    ]
    .concat();
    format!(
        r#"<w:document xmlns:w="{W}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="w14"><w:body>{content}<w:sectPr><w:headerReference w:type="default" r:id="rId3"/><w:footerReference w:type="default" r:id="rId4"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1275" w:bottom="1247" w:left="1275" w:header="709" w:footer="567" w:gutter="0"/></w:sectPr></w:body></w:document>"#
    )
}

fn style(id: &str, name: &str, paragraph: &str, run: &str) -> String {
    let based = if id == "Normal" { "" } else { r#"<w:basedOn w:val="Normal"/>"# };
    let default = if id == "Normal" { r#" w:default="1""# } else { "" };
    format!(
        r#"<w:style w:type="paragraph"{default} w:styleId="{id}"><w:name w:val="{name}"/>{based}<w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"#
    )
}

fn styles() -> String {
    let spacing = |before: u32, after: u32| format!(r#"<w:spacing w:before="{before}" w:after="{after}"/>"#);
    let large = |size: u32| format!(r#"<w:b/><w:color w:val="{DARK}"/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/>"#);
    let rule =
        |edge: &str| format!(r#"<w:pBdr><w:{edge} w:val="single" w:sz="8" w:space="6" w:color="{DARK}"/></w:pBdr>"#);
    let small = r#"<w:color w:val="555B63"/><w:sz w:val="17"/><w:szCs w:val="17"/>"#;
    let styles = [
        style("Normal", "Normal", &spacing(0, 160), ""),
        style("Tight", "Tight", &spacing(0, 0), ""),
        style("Cell", "Cell", &spacing(60, 60), ""),
        style("After", "After table", &spacing(200, 160), ""),
        style("Signature", "Signature", &format!("<w:keepNext/>{}", spacing(640, 0)), ""),
        style("Marking", "Marking", &spacing(120, 240), r#"<w:b/><w:caps/><w:spacing w:val="20"/>"#),
        style(
            "Heading1",
            "heading 1",
            &format!("<w:keepNext/>{}<w:outlineLvl w:val=\"0\"/>", spacing(160, 160)),
            &large(30),
        ),
        style("Letterhead", "Letterhead", &spacing(0, 40), &large(30)),
        style("LetterheadAddress", "Letterhead address", &format!("{}{}", rule("bottom"), spacing(0, 240)), small),
        style("Footer", "footer", &format!("{}{}<w:jc w:val=\"center\"/>", rule("top"), spacing(0, 0)), small),
    ]
    .concat();
    format!(
        r#"<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial" w:eastAsia="Arial"/><w:sz w:val="22"/><w:szCs w:val="22"/><w:lang w:val="en-GB"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:line="264" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>{styles}</w:styles>"#
    )
}

fn header() -> String {
    let head = paragraph("Letterhead", &run("{{ org.name }}", ""));
    let address = paragraph("LetterheadAddress", &run("{{ org.postal_address }}", ""));
    format!(r#"<w:hdr xmlns:w="{W}">{head}{address}</w:hdr>"#)
}

fn footer() -> String {
    let field = |code: &str| {
        format!(
            r#"<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>"#
        )
    };
    let line = run("{{ ref }}   |   Return code {{ return_code }}   |   Page ", "")
        + &field("PAGE")
        + &run(" of ", "")
        + &field("NUMPAGES");
    format!(r#"<w:ftr xmlns:w="{W}">{}</w:ftr>"#, paragraph("Footer", &line))
}

fn letter() -> Vec<u8> {
    const TYPES: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
    let linked = [("styles", "rId1"), ("settings", "rId2"), ("header", "rId3"), ("footer", "rId4")];
    let part = |name: &str| format!("{name}{}.xml", if matches!(name, "header" | "footer") { "1" } else { "" });
    let overrides: String = linked
        .iter()
        .map(|(name, _)| format!(r#"<Override PartName="/word/{}" ContentType="{TYPES}.{name}+xml"/>"#, part(name)))
        .collect();
    let relations: String = linked
        .iter()
        .map(|(name, id)| format!(r#"<Relationship Id="{id}" Type="{RELATIONS}/{name}" Target="{}"/>"#, part(name)))
        .collect();
    let files = [
        (
            "[Content_Types].xml",
            format!(
                r#"<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{TYPES}.document.main+xml"/>{overrides}</Types>"#
            ),
        ),
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="word/document.xml"/></Relationships>"#
            ),
        ),
        (
            "word/_rels/document.xml.rels",
            format!(r#"<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>"#),
        ),
        ("word/document.xml", document()),
        ("word/styles.xml", styles()),
        (
            "word/settings.xml",
            format!(
                r#"<w:settings xmlns:w="{W}"><w:defaultTabStop w:val="720"/><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>"#
            ),
        ),
        ("word/header1.xml", header()),
        ("word/footer1.xml", footer()),
    ];
    let files: Vec<(&str, String)> =
        files.into_iter().map(|(name, xml)| (name, format!("{DECLARATION}\n{xml}"))).collect();
    zip(&files)
}

#[test]
fn the_letter_in_the_box_is_the_one_made_here() {
    let path = templates().join("dsl-notification/letter.docx");
    if std::env::var_os("DAYMARK_REMAKE").is_some() {
        std::fs::write(&path, letter()).unwrap();
    }
    let shipped = std::fs::read(&path).expect("letter.docx is missing: run this test with DAYMARK_REMAKE=1");
    assert!(
        parts(&shipped) == parts(&letter()),
        "letter.docx differs from the maker: run this test with DAYMARK_REMAKE=1"
    );
}
