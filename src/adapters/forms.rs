//! `config/forms/*.toml` → [`FormDefinition`].

use serde::Deserialize;

use crate::core::form_definition::{
    Choice, ChoiceOption, Description, Field, FormDefinition, Kind, Labelled, RepeatingTable, Scope, Section, Stands,
};
use crate::core::ids::FormId;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FileText {
    #[serde(default)]
    titles: Vec<String>,
    questions_needed: usize,
    #[serde(default)]
    placeholders: Vec<String>,
    #[serde(default)]
    hints: Vec<String>,
    #[serde(default)]
    section: Vec<SectionText>,
    #[serde(default)]
    field: Vec<FieldText>,
    #[serde(default)]
    choice: Vec<ChoiceText>,
    #[serde(default)]
    table: Vec<TableText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionText {
    name: String,
    headings: Vec<String>,
    #[serde(default)]
    child: bool,
    #[serde(default)]
    ignored: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldText {
    field: String,
    section: Option<String>,
    labels: Vec<String>,
    #[serde(default)]
    stands: Vec<StandsText>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum StandsText {
    Same,
    Right,
    Below,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceText {
    field: String,
    section: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    written: bool,
    option: Vec<OptionText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionText {
    value: String,
    words: Vec<String>,
    detail: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableText {
    section: Option<String>,
    column: Vec<ColumnText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnText {
    field: String,
    labels: Vec<String>,
}

/// Reads a form definition. `name` is the file's name without `.toml`.
///
/// # Errors
/// Says what is wrong, in which file and where, and what is allowed there.
pub fn parse(name: &str, text: &str) -> Result<FormDefinition, String> {
    let file: FileText = toml::from_str(text).map_err(|error| format!("forms/{name}.toml: {error}"))?;
    let definition = Reader { name }.definition(file)?;
    check(name, &definition)?;
    Ok(definition)
}

struct Reader<'a> {
    name: &'a str,
}

impl Reader<'_> {
    fn definition(&self, file: FileText) -> Result<FormDefinition, String> {
        let sections: Vec<_> = file
            .section
            .into_iter()
            .map(|SectionText { name, headings, child, ignored }| Section { name, headings, child, ignored })
            .collect();
        let known = |section: &Option<String>| match section {
            Some(wanted) if !sections.iter().any(|section| section.name == *wanted) => {
                Err(format!("forms/{}.toml: there is no section “{wanted}”; name one under [[section]].", self.name))
            }
            _ => Ok(()),
        };
        let mut fields = Vec::new();
        for FieldText { field, section, labels, stands } in file.field {
            known(&section)?;
            let stands = match stands.as_slice() {
                [] => vec![Stands::Same, Stands::Right, Stands::Below],
                given => given.iter().map(|stands| stands_of(*stands)).collect(),
            };
            fields.push(Labelled { field: self.field(&field)?, section, labels, stands });
        }
        let mut choices = Vec::new();
        for ChoiceText { field, section, labels, written, option } in file.choice {
            known(&section)?;
            let field = self.field(&field)?;
            let options: Result<_, String> = option.into_iter().map(|option| self.option(option)).collect();
            if written {
                // What is written stands beside its label like any other answer.
                let stands = vec![Stands::Same, Stands::Right, Stands::Below];
                fields.push(Labelled { field, section: section.clone(), labels: labels.clone(), stands });
            }
            choices.push(Choice { field, section, labels, written, options: options? });
        }
        let mut tables = Vec::new();
        for TableText { section, column } in file.table {
            known(&section)?;
            let columns: Result<Vec<_>, String> =
                column.into_iter().map(|column| Ok((self.field(&column.field)?, column.labels))).collect();
            let columns = columns?;
            let scope = columns.first().map_or(Scope::Form, |(field, _)| field.scope());
            tables.push(RepeatingTable { scope, section, columns });
        }
        Ok(FormDefinition::of(Description {
            id: FormId::new(self.name),
            titles: file.titles,
            questions_needed: file.questions_needed,
            placeholders: file.placeholders,
            hints: file.hints,
            sections,
            fields,
            choices,
            tables,
        }))
    }

    fn field(&self, name: &str) -> Result<Field, String> {
        Field::named(name).ok_or_else(|| {
            let names: Vec<_> = Field::ALL.iter().map(|field| field.as_str()).collect();
            format!("forms/{}.toml: there is no field “{name}”; fields are {}.", self.name, names.join(", "))
        })
    }

    fn option(&self, option: OptionText) -> Result<ChoiceOption, String> {
        let detail = option.detail.map(|detail| self.field(&detail)).transpose()?;
        Ok(ChoiceOption { value: option.value, words: option.words, detail })
    }
}

const fn stands_of(text: StandsText) -> Stands {
    match text {
        StandsText::Same => Stands::Same,
        StandsText::Right => Stands::Right,
        StandsText::Below => Stands::Below,
    }
}

/// What the shape of the file alone cannot say.
fn check(name: &str, definition: &FormDefinition) -> Result<(), String> {
    let wrong = |what: String| Err(format!("forms/{name}.toml: {what}"));
    for labelled in &definition.fields {
        let field = labelled.field;
        if matches!(field.scope(), Scope::Other | Scope::Professional) {
            return wrong(format!("“{}” belongs in a [[table]], one row for each person.", field.as_str()));
        }
        let written = || definition.choices.iter().any(|choice| choice.field == field && choice.written);
        if matches!(field.kind(), Kind::One | Kind::Any) && !written() {
            return wrong(format!("“{}” is a choice: describe it under [[choice]].", field.as_str()));
        }
    }
    for choice in &definition.choices {
        let field = choice.field;
        let values = crate::core::read_form::values_of(field);
        for option in &choice.options {
            if !values.contains(&option.value.as_str()) {
                return wrong(format!(
                    "“{}” is no answer to “{}”; answers are {}.",
                    option.value,
                    field.as_str(),
                    values.join(", ")
                ));
            }
        }
    }
    for table in &definition.tables {
        if table.scope == Scope::Form || table.columns.iter().any(|(field, _)| field.scope() != table.scope) {
            return wrong("a [[table]] needs columns that all belong to one kind of person.".to_owned());
        }
    }
    let questions = crate::core::read_form::questions(definition);
    if definition.questions_needed == 0 || definition.questions_needed > questions {
        return wrong(format!("questions-needed must be between 1 and {questions}, the questions it describes."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn shipped_definitions_are_read() {
        for (name, text) in [
            ("tees", include_str!("../../config/forms/tees.toml")),
            ("daymark", include_str!("../../config/forms/daymark.toml")),
        ] {
            let definition = parse(name, text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(definition.id.as_str(), name);
        }
    }

    #[test]
    fn mistakes_are_named_with_file_and_remedy() {
        let say = |text: &str| parse("mine", text).expect_err("a mistake");
        let typo = say("questions-needed = 1\n[[field]]\nfeild = \"child.name\"\nlabels = [\"Name\"]");
        assert!(typo.contains("forms/mine.toml") && typo.contains("feild"), "{typo}");
        let unknown = say("questions-needed = 1\n[[field]]\nfield = \"child.shoe\"\nlabels = [\"Shoe\"]");
        assert!(unknown.contains("child.date_of_birth"), "{unknown}");
        let section =
            say("questions-needed = 1\n[[field]]\nfield = \"child.name\"\nlabels = [\"Name\"]\nsection = \"x\"");
        assert!(section.contains("[[section]]"), "{section}");
        let option = say(
            "questions-needed = 1\n[[choice]]\nfield = \"request\"\n[[choice.option]]\nvalue = \"both\"\nwords = [\"Both\"]",
        );
        assert!(option.contains("serious-incident, learning"), "{option}");
        let count = say("questions-needed = 2\n[[field]]\nfield = \"child.name\"\nlabels = [\"Name\"]");
        assert!(count.contains("between 1 and 1"), "{count}");
    }
}
