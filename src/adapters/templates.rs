//! Gathers the files of each message: `templates/<message>/…`, shipped or from the configuration folder.

/// The files of one message; a file that a message does not have is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateFiles {
    /// The message's name and folder: `acknowledgement`.
    pub id: String,
    /// (`acknowledgement/body.txt`, content) for the subject and both bodies.
    pub texts: Vec<(String, String)>,
    /// The Word letter, for messages that have one.
    pub letter: Option<Vec<u8>>,
    /// `sample.toml`: every field, invented; `daymark check` renders the message with it.
    pub sample: String,
}

/// Reads the messages `ids` by `read`, which looks up `templates/<message>/<file>`. The error says which file is
/// missing or no text, and what to do.
pub fn load(read: &dyn Fn(&str) -> Option<Vec<u8>>, ids: &[&str]) -> Result<Vec<TemplateFiles>, String> {
    let text = |path: &str| {
        let bytes = read(path)
            .ok_or_else(|| format!("{path} is missing: put it back, or remove its folder to use the shipped one."))?;
        String::from_utf8(bytes).map_err(|_| format!("{path} is not text in UTF-8: save it again as UTF-8."))
    };
    let one = |id: &str| {
        let part = |name: &str| Ok((format!("{id}/{name}"), text(&format!("templates/{id}/{name}"))?));
        Ok(TemplateFiles {
            id: id.to_owned(),
            texts: ["subject.txt", "body.txt", "body.html"].into_iter().map(part).collect::<Result<_, String>>()?,
            letter: read(&format!("templates/{id}/letter.docx")),
            sample: text(&format!("templates/{id}/sample.toml"))?,
        })
    };
    ids.iter().map(|id| one(id)).collect()
}

#[cfg(test)]
mod tests {
    use super::load;

    #[test]
    fn a_missing_or_unreadable_file_is_named() {
        let whole = |path: &str| (!path.ends_with("letter.docx")).then(|| b"x".to_vec());
        let loaded = load(&whole, &["thanks"]).unwrap();
        assert_eq!(loaded[0].texts[1], ("thanks/body.txt".to_owned(), "x".to_owned()));
        assert_eq!(loaded[0].letter, None);
        let gap = |path: &str| (!path.ends_with("body.html")).then(|| b"x".to_vec());
        assert!(load(&gap, &["thanks"]).unwrap_err().contains("templates/thanks/body.html is missing"));
        let latin = |_: &str| Some(vec![0xE9]);
        assert!(load(&latin, &["thanks"]).unwrap_err().contains("UTF-8"));
    }
}
