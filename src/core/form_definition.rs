//! What a form looks like: labels, synonyms, tick boxes, repeating tables. Data from `config/forms/*.toml`
//! (`adapters::forms` reads them); a new authority's form is a new file and no code.

use std::ops::Deref;

use super::ids::FormId;
use super::read_form::Folded;

/// Whose value a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The form as a whole.
    Form,
    /// Each child.
    Child,
    /// Each of "Associated / Relevant Others".
    Other,
    /// Each of "Agencies / Professionals Involved".
    Professional,
}

/// How a field's text is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Kept as typed.
    Text,
    /// Kept as typed; takes all lines and paragraphs that follow its label.
    LongText,
    /// A day.
    Date,
    /// One e-mail address.
    Email,
    /// An NHS number.
    NhsNumber,
    /// One of a choice's options.
    One,
    /// Any of a choice's options.
    Any,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $scope:ident, $kind:ident, $title:literal;)*) => {
        /// A value a form may hold; the fields of [`super::referral::Referral`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($(#[$doc])* $name,)*
        }

        impl Field {
            /// Every field, in the order of the Tees form.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in form definitions, such as `child.date_of_birth`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// Whose value it is.
            pub const fn scope(self) -> Scope {
                match self { $(Self::$name => Scope::$scope),* }
            }

            /// How its text is understood.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind),* }
            }

            /// What a person calls it, to begin a sentence: "The date of birth".
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }
        }
    };
}

fields! {
    /// Who sent the form.
    ReferrerName = "referrer.name", Form, Text, "The referrer's name";
    /// The referrer's agency.
    ReferrerAgency = "referrer.agency", Form, Text, "The referrer's agency";
    /// The referrer's e-mail address.
    ReferrerEmail = "referrer.email", Form, Email, "The referrer's e-mail address";
    /// The date on the form.
    Submitted = "submitted", Form, Date, "The date on the form";
    /// Notification or learning request.
    Request = "request", Form, One, "The kind of request";
    /// Day the authority became aware.
    LaAware = "la_aware", Form, Date, "The day the authority became aware";
    /// The authority.
    Authority = "authority", Form, Text, "The authority";
    /// Where it happened.
    Place = "place", Form, Text, "The place of the incident";
    /// A child's name.
    ChildName = "child.name", Child, Text, "The child's name";
    /// A child's address.
    ChildAddress = "child.address", Child, Text, "The child's address";
    /// A child's date of birth.
    ChildBirth = "child.date_of_birth", Child, Date, "The date of birth";
    /// Date of death or incident.
    ChildIncident = "child.date_of_incident", Child, Date, "The date of death or incident";
    /// Status at the time of the incident.
    ChildStatus = "child.status", Child, Any, "The child's status";
    /// What early help.
    ChildEarlyHelp = "child.early_help", Child, Text, "The early help service";
    /// Parents or carers.
    ChildParents = "child.parents", Child, Text, "The parent or carer details";
    /// Siblings.
    ChildSiblings = "child.siblings", Child, Text, "The sibling information";
    /// GP.
    ChildGp = "child.gp", Child, Text, "The GP";
    /// NHS number.
    ChildNhs = "child.nhs_number", Child, NhsNumber, "The NHS number";
    /// School.
    ChildSchool = "child.school", Child, Text, "The school";
    /// Death or serious harm.
    ChildOutcome = "child.outcome", Child, One, "What happened to the child";
    /// Another person's name.
    OtherName = "other.name", Other, Text, "The name";
    /// Another person's address.
    OtherAddress = "other.address", Other, Text, "The address";
    /// A professional's name.
    ProfessionalName = "professional.name", Professional, Text, "The name";
    /// A professional's job title.
    ProfessionalTitle = "professional.title", Professional, Text, "The job title";
    /// A professional's agency.
    ProfessionalAgency = "professional.agency", Professional, Text, "The agency";
    /// How to reach a professional.
    ProfessionalContact = "professional.contact", Professional, Text, "The contact details";
    /// Brief details of the incident.
    Incident = "incident", Form, LongText, "The account of the incident";
}

impl Field {
    /// The field of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.as_str() == name)
    }

    /// Nothing can be begun without it: a blank one is a problem.
    pub const fn required(self) -> bool {
        matches!(
            self,
            Self::ReferrerEmail
                | Self::Request
                | Self::ChildName
                | Self::ChildBirth
                | Self::ChildIncident
                | Self::Incident
        )
    }

    /// The last part of its name: `date_of_birth`.
    pub fn short(self) -> &'static str {
        self.as_str().rsplit('.').next().unwrap_or_default()
    }
}

/// Where a value may stand, seen from its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// In the same cell or paragraph: after a colon, or on the lines below.
    Same,
    /// In the cell to the right.
    Right,
    /// In the cell below.
    Below,
}

/// A part of the form under a heading of its own, which tells one "Name" from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name in the definition.
    pub name: String,
    /// Headings, any of which opens it. A number after one ("Child details (2)") is allowed.
    pub headings: Vec<String>,
    /// Each heading begins another child.
    pub child: bool,
    /// For others to fill in ("For office use only"): nothing in it is read.
    pub ignored: bool,
}

/// A field and the labels it goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// The field.
    pub field: Field,
    /// The section its labels count in; `None` is anywhere.
    pub section: Option<String>,
    /// The label and its synonyms.
    pub labels: Vec<String>,
    /// Where its value may stand.
    pub stands: Vec<Stands>,
}

/// One answer of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceOption {
    /// Its word in a referral: `looked-after`.
    pub value: String,
    /// The words on the form, with synonyms.
    pub words: Vec<String>,
    /// The field that takes what is written beside the tick ("Please State").
    pub detail: Option<Field>,
}

/// A question with given answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The field it answers.
    pub field: Field,
    /// The section it counts in; `None` is anywhere.
    pub section: Option<String>,
    /// Labels of the question itself: not a value, whatever stands beside them.
    pub labels: Vec<String>,
    /// The answer is written or picked from a list, not ticked; its labels are then among [`Description::fields`] too.
    pub written: bool,
    /// The answers.
    pub options: Vec<ChoiceOption>,
}

/// A table with a heading row and one thing in each row below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepeatingTable {
    /// What each row is.
    pub scope: Scope,
    /// The section it stands in; `None` is anywhere.
    pub section: Option<String>,
    /// Fields and the headings of their columns.
    pub columns: Vec<(Field, Vec<String>)>,
}

/// What a form looks like, as its file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its name: that of its file.
    pub id: FormId,
    /// Titles, any of which at the head of a document marks it as this form.
    pub titles: Vec<String>,
    /// How many of its questions a document must hold to be this form.
    pub questions_needed: usize,
    /// Prompts that are not answers: "Click or tap here to enter text."
    pub placeholders: Vec<String>,
    /// Advice printed on the form near an answer, which is no part of it.
    pub hints: Vec<String>,
    /// Sections.
    pub sections: Vec<Section>,
    /// Fields with labels.
    pub fields: Vec<Labelled>,
    /// Choices.
    pub choices: Vec<Choice>,
    /// Repeating tables.
    pub tables: Vec<RepeatingTable>,
}

/// A form, as far as reading it goes: its description, and the words in it folded once for all forms to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormDefinition {
    description: Description,
    folded: Folded,
}

impl FormDefinition {
    /// Folds the words of a description. It cannot be changed afterwards, so both stay alike.
    pub fn of(description: Description) -> Self {
        Self { folded: Folded::of(&description), description }
    }

    /// Its words, folded for looking up.
    pub(super) const fn folded(&self) -> &Folded {
        &self.folded
    }
}

impl Deref for FormDefinition {
    type Target = Description;

    fn deref(&self) -> &Description {
        &self.description
    }
}

impl Description {
    /// Whether the form asks for a field at all.
    pub fn asks(&self, field: Field) -> bool {
        self.fields.iter().any(|labelled| labelled.field == field)
            || self.choices.iter().any(|choice| choice.field == field)
            || self.tables.iter().any(|table| table.columns.iter().any(|(column, _)| *column == field))
    }

    /// The section of that name.
    pub fn section(&self, name: &str) -> Option<usize> {
        self.sections.iter().position(|section| section.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_by_its_name_and_begins_with_its_scope() {
        for field in Field::ALL {
            assert_eq!(Field::named(field.as_str()), Some(*field));
            let scoped = field.as_str().starts_with(match field.scope() {
                Scope::Form => "",
                Scope::Child => "child.",
                Scope::Other => "other.",
                Scope::Professional => "professional.",
            });
            assert!(scoped, "{}", field.as_str());
        }
    }
}
