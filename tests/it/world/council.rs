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

# Those who become the rapid review panel.
[[contact]]
role = "partners"
name = "Petra Hale"
address = "partner.lead@exampleton.example"

[[contact]]
role = "partners"
name = "Owen Lark"
address = "partner.lead@health-board.example"

[[contact]]
role = "partners"
name = "Maya Fenn"
address = "partner.lead@police.example"

[[contact]]
role = "chair"
name = "Ruth Calder"
address = "ruth.calder@scrutiny.example"

[[contact]]
role = "board"
name = "Members of the board"
address = "board@partnership.example"

[[contact]]
role = "designated-nurse"
name = "Fern Loxley"
address = "designated.nurse@health-board.example"

# Tees: a notifier for each of four authorities, and two desks for learning requests.
[[contact]]
role = "notifier"
name = "Sam Trevose"
address = "sam.trevose@exampleton.example"
authorities = ["Hartlepool"]

[[contact]]
role = "notifier"
name = "Piran Lowen"
address = "piran.lowen@middlesbrough.example"
authorities = ["Middlesbrough"]

[[contact]]
role = "notifier"
name = "Elowen Carne"
address = "elowen.carne@redcar.example"
authorities = ["Redcar and Cleveland"]

[[contact]]
role = "notifier"
name = "Kerra Tamblyn"
address = "kerra.tamblyn@stockton.example"
authorities = ["Stockton"]

[[contact]]
role = "learning-desk"
name = "Learning desk, north"
address = "learning.north@partnership.example"
authorities = ["Hartlepool", "Stockton"]

[[contact]]
role = "learning-desk"
name = "Learning desk, south"
address = "learning.south@partnership.example"
authorities = ["Middlesbrough", "Redcar and Cleveland"]

# Southampton: whom the nominated officer speaks with.
[[contact]]
role = "case-holders"
name = "Harbour team"
address = "harbour.team@exampleton.example"

[[contact]]
role = "school-improvement"
name = "School improvement team"
address = "school.improvement@exampleton.example"

[[contact]]
role = "child-protection-adviser"
name = "Lowenna Sparke"
address = "lowenna.sparke@exampleton.example"
"#;

/// `schools.csv`.
pub const SCHOOLS: &str = "name,urn,lead_name,lead_address\n\
Quayside Primary School,900001,Morwenna Pascoe,dsl@quayside.example\n\
Harbour Infants,900002,Denzil Rowe,dsl@harbour-infants.example\n";
