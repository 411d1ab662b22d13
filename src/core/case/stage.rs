//! How far a case has come.

use super::Case;
use crate::core::procedure::Anchor;

/// How far a case has come. Derived, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody has decided whether to notify.
    Triage,
    /// It was decided to notify; the Panel has not been told.
    NotificationDue,
    /// It was decided not to notify.
    NotNotified,
    /// The Panel has been told; the rapid review runs.
    Notified,
    /// The rapid review decision is made; the Panel has not had it.
    Decided,
    /// The rapid review is with the Panel.
    Submitted,
    /// The notification was withdrawn.
    Withdrawn,
    /// Closed by a named person.
    Closed,
    /// It goes on in the case that it was merged into.
    Merged,
}

impl Stage {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Triage => "triage",
            Self::NotificationDue => "notification-due",
            Self::NotNotified => "not-notified",
            Self::Notified => "notified",
            Self::Decided => "decided",
            Self::Submitted => "submitted",
            Self::Withdrawn => "withdrawn",
            Self::Closed => "closed",
            Self::Merged => "merged",
        }
    }
}

impl Case {
    /// How far it has come.
    pub fn stage(&self) -> Stage {
        let has = |anchor| self.has(anchor);
        match () {
            () if self.merged_into.is_some() => Stage::Merged,
            () if has(Anchor::Closed) => Stage::Closed,
            () if has(Anchor::ReviewSubmitted) => Stage::Submitted,
            () if has(Anchor::NotificationWithdrawn) => Stage::Withdrawn,
            () if has(Anchor::DecisionMade) => Stage::Decided,
            () if has(Anchor::PanelNotified) => Stage::Notified,
            () if has(Anchor::NotNotified) => Stage::NotNotified,
            () if has(Anchor::NotificationDecided) => Stage::NotificationDue,
            () => Stage::Triage,
        }
    }
}
