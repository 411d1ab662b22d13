//! A case is put under another text of its procedure, at a person's word: what that changes is shown before it does
//! (DESIGN section 2, "record").

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::core::deadline;
use crate::core::event::{Adopted, CaseEvent};
use crate::core::ids::{CaseRef, RuleId, TemplateId};
use crate::core::moved::{self, Change};
use crate::core::now::Now;
use crate::core::plan::{self, About, Desk, Intent};
use crate::core::procedure::{MessageRule, Procedure};
use crate::core::question;
use crate::store::{IntentRow, MessageState, Store, StoreError, View};

use super::cases;
use super::make;
use super::office::Office;
use super::rename;

/// What another text would change in a case.
#[derive(Debug)]
pub struct Adoption {
    /// The procedure of the new text.
    pub procedure: Arc<Procedure>,
    /// Dates that move, clocks that come and go.
    pub clocks: Vec<Change>,
    /// Messages that only the new text has: they go when their moment comes.
    pub newly: Vec<MessageRule>,
    /// Messages that only the old text has, and how many of each wait in the outbox: those are taken back.
    pub no_longer: Vec<(MessageRule, usize)>,
    /// Messages of the new text whose moment has passed: they are never sent, and the next digest says so.
    pub unsent: Vec<MessageRule>,
    /// Messages that are only called otherwise: the old intent's key, and the new intent.
    renamed: Vec<(String, Intent)>,
    from: Arc<Procedure>,
    from_text: String,
}

/// What this text would change; `None` when the case has it already. Nothing is written.
///
/// # Errors
/// No such case, a text that cannot be read, or a mailbox that is no longer configured.
pub fn preview(
    view: &View<'_>,
    office: &Office,
    case: &CaseRef,
    text: &str,
    now: Now,
) -> Result<Option<Adoption>, StoreError> {
    let loaded = cases::load(view, office, case)?;
    let from_text = view.procedure_text(case)?;
    if from_text == text {
        return Ok(None);
    }
    let procedure = office.procedure(text).map_err(StoreError::Damaged)?;
    let old_desk = make::desk(office, &loaded)?;
    let new_desk = Desk { procedure: &procedure, ..old_desk };
    let case = &loaded.case;
    let clocks = |procedure: &Procedure| deadline::of(case, procedure, &office.calendar, now.today());
    let clocks = moved::changes(&clocks(&loaded.procedure), &clocks(&procedure));

    let known = view.intents(&case.header.reference)?;
    let before = of_rules(plan::plan(case, &old_desk, now), &loaded.procedure);
    let after = of_rules(plan::plan(case, &new_desk, now), &procedure);
    let renamed = renamed(&before, &after, &known);
    let is_for = |rule: &&MessageRule| question::applies(case, &rule.applies);
    let has =
        |procedure: &Procedure, id: &RuleId| procedure.messages.iter().any(|rule| rule.id == *id && is_for(&rule));
    let is_renamed = |id: &RuleId| renamed.iter().any(|(old, new)| new.rule == *id || is_of(&before, old, id));

    let went_on = |intent: &&Intent| {
        let by_key = |key: &str| key == intent.key;
        known.iter().any(|row| by_key(&row.key)) || before.iter().any(|old| by_key(&old.key))
    };
    let unsent = |rule: &&MessageRule| {
        let mut own = after.iter().filter(|intent| intent.rule == rule.id).peekable();
        own.peek().is_some() && !own.any(|intent| went_on(&intent)) && !is_renamed(&rule.id)
    };
    let unsent: Vec<MessageRule> = procedure.messages.iter().filter(is_for).filter(unsent).cloned().collect();
    let is_newly = |rule: &&MessageRule| {
        !has(&loaded.procedure, &rule.id) && !is_renamed(&rule.id) && !unsent.iter().any(|known| known.id == rule.id)
    };
    let newly = procedure.messages.iter().filter(is_for).filter(is_newly).cloned().collect();
    let gone = loaded.procedure.messages.iter().filter(is_for).filter(|rule| !has(&procedure, &rule.id));
    let no_longer = gone.filter(|rule| !is_renamed(&rule.id)).filter_map(|rule| {
        let waits = known.iter().filter(|row| row.rule == rule.id && is_pending(row)).count();
        let was_met = known.iter().any(|row| row.rule == rule.id);
        // What was sent, was sent; only what would still come is missed.
        (waits > 0 || !was_met).then(|| (rule.clone(), waits))
    });
    let no_longer = no_longer.collect();
    Ok(Some(Adoption { clocks, newly, no_longer, unsent, renamed, from: loaded.procedure, from_text, procedure }))
}

/// Puts the case under this text, in one transaction: the person's event with the old and new dates, the pin, and what is
/// only called otherwise under its new name. `None` when the case has the text already.
///
/// # Errors
/// As [`preview`]; then nothing is written.
pub fn adopt(
    store: &mut Store,
    office: &Office,
    case: &CaseRef,
    text: &str,
    because: Option<&str>,
    by: &str,
    now: Now,
) -> Result<Option<Adoption>, StoreError> {
    store.write(|tx| {
        let Some(adoption) = preview(tx, office, case, text, now)? else { return Ok(None) };
        let unsent = |rule: &MessageRule| (rule.id.clone(), TemplateId::new(rule.template.as_str()));
        let adopted = Adopted {
            from: adoption.from.id.clone(),
            to: adoption.procedure.id.clone(),
            from_text: fingerprint(&adoption.from_text),
            to_text: fingerprint(text),
            because: because.map(str::to_owned),
            moves: adoption.clocks.iter().filter_map(Change::to_move).collect(),
            unsent: adoption.unsent.iter().map(unsent).collect(),
        };
        cases::append(tx, case, now, by, &CaseEvent::ProcedureAdopted(Box::new(adopted)))?;
        tx.pin_procedure(case, text)?;
        for (old, new) in &adoption.renamed {
            rename::rename(tx, case, old, new)?;
        }
        Ok(Some(adoption))
    })
}

/// The intents that come from rules of the procedure: neither reminders nor what Daymark says by itself.
fn of_rules(intents: Vec<Intent>, procedure: &Procedure) -> Vec<Intent> {
    let is_message = |intent: &Intent| procedure.messages.iter().any(|rule| rule.id == intent.rule);
    let is_of_rule =
        |intent: &Intent| !matches!(intent.about, About::Reminder(_) | About::Moved(_) | About::Failure(_));
    intents.into_iter().filter(|intent| is_of_rule(intent) && is_message(intent)).collect()
}

fn is_of(intents: &[Intent], key: &str, rule: &RuleId) -> bool {
    intents.iter().any(|intent| intent.key == key && intent.rule == *rule)
}

fn is_pending(row: &IntentRow) -> bool {
    row.message.is_some_and(|(_, state)| state <= MessageState::Released)
}

/// What was called for by the old text already, and is by the new one under another rule's name: the same mail to the
/// same person about the same thing. It is not sent again (O03), and what waits of it goes on waiting.
fn renamed(before: &[Intent], after: &[Intent], known: &[IntentRow]) -> Vec<(String, Intent)> {
    let is_gone = |old: &&Intent| !after.iter().any(|new| new.rule == old.rule);
    let is_known = |old: &&Intent| known.iter().any(|row| row.key == old.key);
    let same = |old: &Intent, new: &Intent| {
        (&old.template, old.role, &old.to, &old.about) == (&new.template, new.role, &new.to, &new.about)
    };
    let new = after.iter().filter(|new| !before.iter().any(|old| old.rule == new.rule));
    new.filter_map(|new| {
        let old = before.iter().filter(is_gone).filter(is_known).find(|old| same(old, new))?;
        Some((old.key.clone(), new.clone()))
    })
    .collect()
}

/// SHA-256 in hexadecimal digits.
fn fingerprint(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
