//! Two invented councils: their configuration, who is who, and their schools.

/// Everything in `daymark.toml` but the mailbox.
const COMMON: &str = r#"mode = "demo"
data_file = "daymark.db"
key_file = "../daymark-key/daymark.key"
postman = "sent"

[organisation]
name = "Exampleton Council"
postal_address = "Harbour House, 1 Quay Street, Exampleton EX1 1AA"
emergency_line = "If a child is in danger now, call 999. Out of hours: 01632 960001."
return_address = "sin.returns@exampleton.example"
signatory_name = "Priya Wexcombe"
signatory_title = "Quality Assurance Manager"
signatory_telephone = "01632 960002"
marking = "[OFFICIAL-SENSITIVE]"
"#;

/// `daymark.toml` of a council with one mailbox, under this procedure.
pub fn configuration(procedure: &str) -> String {
    format!("{COMMON}{}", mailbox("exampleton", procedure, "incoming"))
}

/// One `[[mailbox]]`.
pub fn mailbox(id: &str, procedure: &str, maildir: &str) -> String {
    format!(
        r#"
[[mailbox]]
id = "{id}"
address = "{id}@exampleton.example"
maildir = "{maildir}"
procedure = "{procedure}"
authority = "Exampleton Council"
notifier = {{ name = "Sam Trevose", address = "sam.trevose@exampleton.example" }}
digest = [{{ name = "Alex Moorcroft", address = "alex.moorcroft@exampleton.example" }}]
reference_prefix = "REF"
"#
    )
}

/// `contacts.toml`.
pub const CONTACTS: &str = r#"[[partnership]]
name = "Partnership business unit"
address = "business.unit@partnership.example"

[[contact]]
role = "partners"
name = "Leads of the safeguarding partners"
address = "partners@partnership.example"

[[contact]]
role = "home-partnership"
name = "Farhaven partnership"
address = "business.unit@farhaven-partnership.example"
authorities = ["Farhaven Council"]

[[agency]]
name = "Exampleton Police"
synonyms = ["Police"]
contact = { name = "Tamsin Oake", address = "safeguarding@police.example" }
always = true

[[agency]]
name = "Harbour Hospital"
synonyms = ["Hospital"]
contact = { name = "Hollis Grey", address = "named.nurse@harbour-hospital.example" }
always = false

[[agency]]
name = "Exampleton Housing"
contact = { name = "Bram Ellery", address = "safeguarding@housing.example" }
always = false
"#;

/// `schools.csv`.
pub const SCHOOLS: &str = "name,urn,lead_name,lead_address\n\
Quayside Primary School,900001,Morwenna Pascoe,dsl@quayside.example\n\
Harbour Infants,900002,Denzil Rowe,dsl@harbour-infants.example\n";
