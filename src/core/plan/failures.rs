//! Mails that could not be delivered.

use super::{About, Intent, Planner};
use crate::core::event::CaseEvent;
use crate::core::procedure::{Hours, Role};

impl Planner<'_> {
    /// Each mail that could not be delivered is told to the notifier, at any hour.
    pub(super) fn failures(&mut self) {
        for logged in &self.case.log {
            let CaseEvent::DeliveryFailed { address, .. } = &logged.event else { continue };
            if self.is_settled(logged.seq) {
                continue;
            }
            // Whoever could not be reached is not told of it by mail, which would fail likewise, and so for ever (L01):
            // the digest says it to its readers.
            let to = self.notifier();
            if address.eq_ignore_ascii_case(&to.address) {
                continue;
            }
            let intent = Intent {
                key: self.key("delivery-failure", &format!("{}{}", logged.seq, self.whose()), "once", 0),
                rule: "delivery-failure".into(),
                template: "delivery-failure".into(),
                role: Role::Notifier,
                to: Some(to),
                about: About::Failure(logged.seq),
                approval: false,
                hours: Hours::Any,
                blocked: None,
                withheld: self.withheld,
            };
            self.add(intent);
        }
    }
}
