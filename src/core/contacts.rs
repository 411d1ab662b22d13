//! Who is who: the only source of recipients. An address typed on a form is never one (DESIGN, "approve").

use super::fold::{self, folded};
use super::procedure::Role;

/// A person or office we write to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Contact {
    /// How a mail greets them: "Priya Example" or "Partnership business unit".
    pub name: String,
    /// E-mail address, lower case.
    pub address: String,
}

impl Contact {
    /// A contact whose name fits on one line and whose address looks like one; both are trimmed.
    ///
    /// # Errors
    /// A plain sentence that says which of the two is wrong.
    pub fn new(name: &str, address: &str) -> Result<Self, String> {
        let name = name.trim();
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err("a contact needs a name, on one line".to_owned());
        }
        Ok(Self { name: name.to_owned(), address: checked_address(address)? })
    }
}

/// An e-mail address in lower case, when it looks like one: one `@`, a domain with a dot, nothing that could end a
/// header line or begin a second address. Whether anybody reads it, only a mail can tell.
///
/// # Errors
/// A plain sentence when it does not.
pub fn checked_address(text: &str) -> Result<String, String> {
    let address = text.trim().to_ascii_lowercase();
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.contains("..")
            && part.chars().all(|c| c.is_ascii_graphic() && !"<>()[],;:\\\"@".contains(c))
    };
    match address.split_once('@') {
        Some((local, domain)) if part(local) && part(domain) && domain.contains('.') => Ok(address),
        _ => Err(format!("“{}” does not look like an e-mail address", text.trim().escape_debug())),
    }
}

/// An agency that may be asked for a chronology.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// Name as it stands on the board of returns: "Cleveland Police" is somebody's; examples here are invented.
    pub name: String,
    /// Other names people type for it.
    pub synonyms: Vec<String>,
    /// Its safeguarding lead's mailbox.
    pub contact: Contact,
    /// Asked in every case, whether or not the form names it.
    pub always: bool,
}

/// A school and its designated safeguarding lead (DSL).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct School {
    /// Name.
    pub name: String,
    /// Unique reference number, six digits, as the register of schools has it.
    pub urn: Option<String>,
    /// The designated safeguarding lead.
    pub lead: Contact,
}

/// Somebody who plays a part in a procedure, for every case or for those of some authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The part.
    pub role: Role,
    /// Who.
    pub contact: Contact,
    /// The authorities it is for; empty: all.
    pub authorities: Vec<String>,
}

/// Everybody in `contacts.toml` and `schools.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contacts {
    /// The people of each role, and for which authorities.
    pub posts: Vec<Post>,
    /// Agencies.
    pub agencies: Vec<Agency>,
    /// Schools.
    pub schools: Vec<School>,
}

impl Contacts {
    /// Who plays a part in a case of this authority: those who are there for that authority, else those who are there
    /// for all. Nobody, where the authority is not known and each is there for some: a question, never a guess.
    pub fn of(&self, role: Role, authority: Option<&str>) -> Vec<&Contact> {
        let mut found: Vec<&Contact> = authority.iter().flat_map(|name| self.of_its_own(role, name)).collect();
        if found.is_empty() {
            let for_all = self.posts.iter().filter(|post| post.role == role && post.authorities.is_empty());
            found.extend(for_all.map(|post| &post.contact));
        }
        found
    }

    /// Those who play this part for this authority, and not for every one.
    pub fn of_its_own(&self, role: Role, authority: &str) -> impl Iterator<Item = &Contact> {
        let wanted = authority_key(authority);
        let is_for =
            move |post: &&Post| post.role == role && post.authorities.iter().any(|name| authority_key(name) == wanted);
        self.posts.iter().filter(is_for).map(|post| &post.contact)
    }

    /// The authorities whose cases come here, where whose case it is decides who plays a part: each once, in the order of
    /// the file. The partnerships of other areas are for none of them.
    pub fn authorities(&self) -> Vec<&str> {
        let ours = self.posts.iter().filter(|post| post.role != Role::HomePartnership);
        let mut all: Vec<&str> = Vec::new();
        for name in ours.flat_map(|post| &post.authorities) {
            if !all.iter().any(|known| authority_key(known) == authority_key(name)) {
                all.push(name);
            }
        }
        all
    }

    /// The authority of that name, as `contacts.toml` writes it. One that is not there is a question to a person, for
    /// somebody else's people would be told of the case.
    pub fn authority(&self, name: &str) -> Option<&str> {
        self.authorities().into_iter().find(|known| authority_key(known) == authority_key(name))
    }

    /// Everybody with this part, for whichever authority.
    pub fn all_of(&self, role: Role) -> impl Iterator<Item = &Contact> {
        self.posts.iter().filter(move |post| post.role == role).map(|post| &post.contact)
    }

    /// Whether nobody here is there for that authority, though whose case it is decides who plays a part; `own` is the
    /// mailbox's.
    pub fn is_strange(&self, authority: &str, own: &str) -> bool {
        let is_own = authority_key(authority) == authority_key(own);
        !is_own && !self.authorities().is_empty() && self.authority(authority).is_none()
    }

    /// The one school of that name or URN. Two schools of one name are `None`: a question, never a guess.
    pub fn school(&self, name_or_urn: &str) -> Option<&School> {
        let wanted = folded(name_or_urn);
        let mut found = self
            .schools
            .iter()
            .filter(|school| folded(&school.name) == wanted || school.urn.as_deref() == Some(name_or_urn.trim()));
        match (found.next(), found.next()) {
            (Some(school), None) => Some(school),
            _ => None,
        }
    }

    /// The agency of that name or synonym.
    pub fn agency(&self, name: &str) -> Option<&Agency> {
        let wanted = folded(name);
        self.agencies.iter().find(|agency| {
            folded(&agency.name) == wanted || agency.synonyms.iter().any(|synonym| folded(synonym) == wanted)
        })
    }
}

/// By what an authority is known, however it is written: "Redcar & Cleveland Borough Council" and "redcar and cleveland" are
/// one. What kind of council it is says nothing.
pub fn authority_key(name: &str) -> String {
    const KINDS: [&str; 10] =
        ["the", "of", "council", "borough", "city", "county", "metropolitan", "district", "unitary", "authority"];
    let spelled = fold::words(&name.replace('&', " and "));
    let telling: String = spelled.iter().filter(|word| !KINDS.contains(&word.as_str())).map(String::as_str).collect();
    if telling.is_empty() { spelled.concat() } else { telling }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "priya",
            "priya@",
            "@council.example",
            "priya@council",
            "a@b@council.example",
            "a@council.example, b@council.example",
            "a@council.example\r\nBcc: b@council.example",
            "Priya <priya@council.example>",
            "priya@council..example",
        ] {
            assert!(checked_address(text).is_err(), "{text}");
        }
        assert_eq!(checked_address(" QA.Unit@Council.Example "), Ok("qa.unit@council.example".to_owned()));
    }

    #[test]
    fn issue_4_an_authority_is_known_however_it_is_written() {
        let same = ["Redcar & Cleveland", "redcar and cleveland", "Redcar and Cleveland Borough Council"];
        assert!(same.iter().all(|name| authority_key(name) == "redcarandcleveland"));
        assert_eq!(authority_key("Stockton-on-Tees"), authority_key("Stockton on Tees Borough Council"));
        assert_eq!(
            (authority_key("City of York"), authority_key("City Council")),
            ("york".into(), "citycouncil".into())
        );
        assert_ne!(authority_key("Nottingham City Council"), authority_key("Nottinghamshire County Council"));
    }

    #[test]
    fn a_contact_has_a_name_on_one_line() {
        assert!(Contact::new("Two\nlines", "a@council.example").is_err());
        assert!(Contact::new(" ", "a@council.example").is_err());
        assert!(Contact::new("Business unit", "a@council.example").is_ok());
    }
}
