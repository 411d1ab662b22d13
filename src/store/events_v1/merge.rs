//! The shapes of what a merge records.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Shape;
use super::form::{FormShape, form_shape, form_value};
use crate::core::ids::{CaseRef, ChildId, RuleId};
use crate::core::merge::{Brought, Merged, MergedForm, Origin, Said};
use crate::core::plan::About;
use crate::core::procedure::Anchor;

#[derive(Serialize, Deserialize)]
pub(super) struct MergedShape {
    from: String,
    because: String,
    forms: Vec<MergedFormShape>,
    said: Vec<SaidShape>,
    quiet_before: Option<NaiveDate>,
}

#[derive(Serialize, Deserialize)]
struct MergedFormShape {
    from: String,
    form: FormShape,
    children: Vec<(u16, u16)>,
}

#[derive(Serialize, Deserialize)]
struct SaidShape {
    rule: String,
    to: String,
    about: AboutShape,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum AboutShape {
    Case,
    Child {
        child: u16,
        school: String,
    },
    Agency(String),
    School(String),
    Meeting {
        kind: String,
        on: NaiveDate,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        set: Option<i64>,
    },
}

#[derive(Serialize, Deserialize)]
pub(super) struct BroughtShape {
    from: String,
    seq: i64,
    learnt: NaiveDate,
    by: String,
    event: Shape,
}

pub(super) fn merged_shape(merged: &Merged) -> MergedShape {
    let form = |form: &MergedForm| MergedFormShape {
        from: form.from.to_string(),
        form: form_shape(&form.form),
        children: form.children.iter().map(|(theirs, ours)| (theirs.0, ours.0)).collect(),
    };
    let said = |said: &Said| {
        let about = match &said.about {
            About::Case => AboutShape::Case,
            About::Child { child, school } => AboutShape::Child { child: child.0, school: school.clone() },
            About::Agency(name) => AboutShape::Agency(name.clone()),
            About::School(name) => AboutShape::School(name.clone()),
            About::Meeting(kind) => AboutShape::Meeting { kind: (*kind).to_owned(), on: said.on?, set: said.set },
            // Never said once and for all: `core::merging` leaves these out.
            About::SchoolReply { .. }
            | About::CalledOff(_)
            | About::Form(_)
            | About::Reminder(_)
            | About::Moved(_)
            | About::Failure(_) => {
                return None;
            }
        };
        Some(SaidShape { rule: said.rule.to_string(), to: said.to.clone(), about })
    };
    MergedShape {
        from: merged.from.to_string(),
        because: merged.because.clone(),
        forms: merged.forms.iter().map(form).collect(),
        said: merged.said.iter().filter_map(said).collect(),
        quiet_before: merged.quiet_before,
    }
}

pub(super) fn merged_value(shape: MergedShape) -> Result<Merged, String> {
    let form = |form: MergedFormShape| {
        Ok::<_, String>(MergedForm {
            from: CaseRef::new(form.from),
            form: form_value(form.form)?,
            children: form.children.into_iter().map(|(theirs, ours)| (ChildId(theirs), ChildId(ours))).collect(),
        })
    };
    let said = |said: SaidShape| {
        let (about, on, set) = match said.about {
            AboutShape::Case => (About::Case, None, None),
            AboutShape::Child { child, school } => (About::Child { child: ChildId(child), school }, None, None),
            AboutShape::Agency(name) => (About::Agency(name), None, None),
            AboutShape::School(name) => (About::School(name), None, None),
            AboutShape::Meeting { kind, on, set } => {
                let known = Anchor::MEETINGS.into_iter().find(|known| *known == kind);
                let kind = known.ok_or("a stored event is of a kind of meeting that this program does not know")?;
                (About::Meeting(kind), Some(on), set)
            }
        };
        Ok::<_, String>(Said { rule: RuleId::new(said.rule), to: said.to, about, on, set })
    };
    Ok(Merged {
        from: CaseRef::new(shape.from),
        because: shape.because,
        forms: shape.forms.into_iter().map(form).collect::<Result<_, _>>()?,
        said: shape.said.into_iter().map(said).collect::<Result<_, _>>()?,
        quiet_before: shape.quiet_before,
    })
}

pub(super) fn brought_shape(brought: &Brought) -> BroughtShape {
    let Origin { from, seq, learnt, by } = &brought.origin;
    BroughtShape {
        from: from.to_string(),
        seq: *seq,
        learnt: *learnt,
        by: by.clone(),
        event: Shape::from(&brought.event),
    }
}

pub(super) fn brought_value(shape: BroughtShape) -> Result<Brought, String> {
    let origin = Origin { from: CaseRef::new(shape.from), seq: shape.seq, learnt: shape.learnt, by: shape.by };
    Ok(Brought { origin, event: shape.event.try_into()? })
}
