//! [`Role`]: the parts people play in a procedure. Who plays which is in `contacts.toml`.

use super::named::named;

named! {
    /// Who does something or is told something, by part played.
    Role {
        /// The person who sent the form.
        Referrer, "referrer", "the referrer";
        /// The authority's serious incident notifier, or nominated officer.
        Notifier, "notifier", "the notifier";
        /// The safeguarding partnership's business unit.
        Partnership, "partnership", "the partnership’s business unit";
        /// The designated safeguarding lead of a child's school.
        DesignatedLead, "designated-lead", "the school’s designated safeguarding lead";
        /// An agency that knew the child: one mail for each in `contacts.toml` that covers the authority.
        Agency, "agency", "each agency";
        /// The national Panel: never written to by Daymark, it can only be an owner of a clock.
        Panel, "panel", "the national Panel";
        /// The safeguarding partners' own leads: local authority, health, police.
        Partners, "partners", "the safeguarding partners";
        /// The independent chair or scrutineer.
        Chair, "chair", "the independent chair";
        /// The members of the partnership's board.
        Board, "board", "the members of the board";
        /// The partnership of the area where the child normally lives.
        HomePartnership, "home-partnership", "the partnership of the child’s home area";
        /// The team that holds the child's case.
        CaseHolders, "case-holders", "the team that holds the child’s case";
        /// The child protection adviser, who tells managers and staff.
        ChildProtectionAdviser, "child-protection-adviser", "the child protection adviser";
        /// The team that stands between the authority and its schools.
        SchoolImprovement, "school-improvement", "the school improvement team";
        /// The designated nurse, for a health provider's own reports.
        DesignatedNurse, "designated-nurse", "the designated nurse";
        /// Where learning requests are considered.
        LearningDesk, "learning-desk", "the desk for learning requests";
    }
}

impl Role {
    /// Whether its people stand in `contacts.toml` as `[[contact]]` with this role. A notifier there is one of several that
    /// share a mailbox; the first stands with the mailbox itself.
    pub const fn is_in_contacts(self) -> bool {
        !matches!(self, Self::Referrer | Self::Partnership | Self::DesignatedLead | Self::Agency | Self::Panel)
    }

    /// Whether a mail to it stays inside the team that answers for the mailbox.
    pub const fn is_the_team(self) -> bool {
        matches!(self, Self::Notifier)
    }
}
