//! Tick boxes of a table: which words belong to which box or blank cell.
//!
//! The box may stand beside the words, or the mark in the cell below, right or left of them. The direction is
//! chosen for all options of a question together: one that fits only some of them is wrong.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::cells::Cells;
use super::lines::{self, Answer, Line, Part};
use super::words::{Words, fold};
use crate::core::form::Table;

/// Whether an option was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Ticked.
    Ticked,
    /// Not ticked.
    Blank,
    /// Something is written there that is no tick.
    Unclear,
}

/// An option, where it stands, and what was put to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Marked {
    /// The choice, as an index of the definition.
    pub choice: usize,
    /// The option in it.
    pub option: usize,
    /// Chosen or not.
    pub mark: Mark,
    /// Words beside the mark.
    pub detail: Answer,
}

/// Cell of a table: row and index in it.
type Spot = (usize, usize);

/// What the options in a table came to.
#[derive(Default)]
pub struct Ticks {
    /// By the cell that holds the option's words: which group of options, and the options.
    pub at: HashMap<Spot, (usize, Vec<Marked>)>,
    /// Cells that hold only marks: no values.
    pub marks: HashSet<Spot>,
}

struct Waiting {
    spot: Spot,
    group: usize,
    choice: usize,
    option: usize,
}

/// Finds every option in a table and its mark.
pub fn scan(cells: &Cells<'_>, words: &Words<'_>) -> Ticks {
    let mut ticks = Ticks::default();
    let mut groups: HashMap<usize, (usize, HashSet<usize>)> = HashMap::new();
    let mut next_group = 0;
    let mut waiting: Vec<Waiting> = Vec::new();
    for (row, in_row) in cells.table.rows.iter().enumerate() {
        for (index, _) in in_row.iter().enumerate().filter(|(_, cell)| !cell.continues && !cell.holds_table()) {
            let lines = &cells.at((row, index)).lines;
            // An account may hold any words, and boxes too.
            if lines.first().is_some_and(|line| words.begins_account(&line.words())) {
                continue;
            }
            for (choice, option, own) in options_in(lines, words) {
                // The same option again begins the question again, for the next child.
                let (group, seen) = groups.entry(choice).or_insert_with(|| {
                    next_group += 1;
                    (next_group, HashSet::new())
                });
                if !seen.insert(option) {
                    next_group += 1;
                    (*group, *seen) = (next_group, HashSet::from([option]));
                }
                match own {
                    Some((mark, detail)) => {
                        let found = ticks.at.entry((row, index)).or_insert((*group, Vec::new()));
                        found.1.push(Marked { choice, option, mark, detail });
                    }
                    None => waiting.push(Waiting { spot: (row, index), group: *group, choice, option }),
                }
            }
        }
    }
    settle(cells, words, waiting, &mut ticks);
    ticks
}

/// Gives each option without a box of its own the mark of a cell beside it.
fn settle(cells: &Cells<'_>, words: &Words<'_>, waiting: Vec<Waiting>, ticks: &mut Ticks) {
    let taken: HashSet<Spot> = waiting.iter().map(|one| one.spot).chain(ticks.at.keys().copied()).collect();
    let mut groups: BTreeMap<usize, Vec<Waiting>> = BTreeMap::new();
    for one in waiting {
        groups.entry(one.group).or_default().push(one);
    }
    for group in groups.into_values() {
        let spots = direction(cells, words, &group, &taken);
        for (number, one) in group.iter().enumerate() {
            let beside = spots.as_ref().and_then(|spots| spots.get(number)).copied();
            let (mark, detail) = match beside {
                Some(spot) => mark_of(&cells.at(spot).lines, words),
                None => (Mark::Blank, Answer::default()),
            };
            ticks.marks.extend(beside);
            let found = ticks.at.entry(one.spot).or_insert((one.group, Vec::new()));
            found.1.push(Marked { choice: one.choice, option: one.option, mark, detail });
        }
    }
}

/// The cells that hold the marks of a group: below, right or left of each of its options, whichever fits all of them.
fn direction(cells: &Cells<'_>, words: &Words<'_>, group: &[Waiting], taken: &HashSet<Spot>) -> Option<Vec<Spot>> {
    let neighbours: [fn(&Table, Spot) -> Option<Spot>; 3] = [below, right, left];
    let fits = |spots: &Vec<Spot>, strict: bool| {
        spots.iter().all(|spot| {
            let said = cells.at(*spot);
            let unclear = || {
                let (mark, detail) = mark_of(&said.lines, words);
                mark == Mark::Unclear && !detail.is_blank()
            };
            !(taken.contains(spot) || said.printed() || strict && unclear())
        })
    };
    let candidates: Vec<Vec<Spot>> = neighbours
        .iter()
        .filter_map(|neighbour| group.iter().map(|one| neighbour(cells.table, one.spot)).collect())
        .collect();
    [true, false].into_iter().find_map(|strict| candidates.iter().find(|spots| fits(spots, strict)).cloned())
}

/// The cell under another, past the rows a merged cell covers.
pub fn below(table: &Table, (row, index): Spot) -> Option<Spot> {
    let column = table.rows.get(row)?.get(index)?.column;
    (row + 1..table.rows.len()).find_map(|row| {
        let index = table.index_at(row, column)?;
        (!table.rows[row][index].continues).then_some((row, index))
    })
}

/// The cell right of another.
pub fn right(table: &Table, (row, index): Spot) -> Option<Spot> {
    table.rows.get(row)?.get(index + 1).filter(|cell| !cell.continues).map(|_| (row, index + 1))
}

fn left(table: &Table, (row, index): Spot) -> Option<Spot> {
    let before = index.checked_sub(1)?;
    table.rows.get(row)?.get(before).filter(|cell| !cell.continues).map(|_| (row, before))
}

/// An option, as choice and option, and its own mark with the words beside it, where it has one.
pub type OwnMark = (usize, usize, Option<(Mark, Answer)>);

/// The options in some lines.
pub fn options_in(lines: &[Line], words: &Words<'_>) -> Vec<OwnMark> {
    let whole = lines::words_of(lines);
    if let Some((choice, option)) = words.option(&whole) {
        let mut boxes = lines.iter().flat_map(Line::boxes).peekable();
        let own = boxes
            .peek()
            .is_some()
            .then(|| (if boxes.any(|ticked| ticked) { Mark::Ticked } else { Mark::Blank }, Answer::default()));
        return vec![(choice, option, own)];
    }
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let mut marked = boxed(line, words);
        // What stands on the lines below the last option of a cell was written to it.
        if let ([one], true) = (&mut marked[..], number + 1 < lines.len())
            && !lines[number + 1..].iter().any(|line| line.boxes().next().is_some())
        {
            let more = lines::answer(&lines[number + 1..], words);
            one.2.1 = if one.2.1.is_blank() { more } else { one.2.1.clone() };
        }
        found.extend(marked.into_iter().map(|(choice, option, own)| (choice, option, Some(own))));
    }
    if found.is_empty() {
        found.extend(
            typed_mark(&whole, words).map(|(choice, option)| (choice, option, Some((Mark::Ticked, Answer::default())))),
        );
    }
    found
}

/// Options with boxes in one line. A line that begins with a box has each box before its words.
fn boxed(line: &Line, words: &Words<'_>) -> Vec<(usize, usize, (Mark, Answer))> {
    if line.boxes().next().is_none() {
        return Vec::new();
    }
    let parts: Vec<&Part> =
        line.parts.iter().filter(|part| !matches!(part, Part::Words { text, .. } if text.trim().is_empty())).collect();
    let before = matches!(parts.first(), Some(Part::Box(..)));
    let mut found: Vec<(usize, usize, (Mark, Answer))> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let Part::Words { text, date, .. } = part else {
            continue;
        };
        let beside = if before { number.checked_sub(1) } else { Some(number + 1) };
        let ticked = match beside.and_then(|beside| parts.get(beside)) {
            Some(Part::Box(ticked, _)) => Some(*ticked),
            _ => None,
        };
        // "Please indicate whether this is a: Learning Request ☐": the question may stand before its options.
        let option = words.option(text).or_else(|| words.option(text.rsplit(':').next()?));
        match (option, ticked) {
            (Some((choice, option)), Some(ticked)) => {
                let mark = if ticked { Mark::Ticked } else { Mark::Blank };
                found.push((choice, option, (mark, Answer::default())));
            }
            (None, _) if !before => {
                let detail = Line { parts: vec![Part::Words { text: text.clone(), struck: false, date: *date }] };
                if let Some((_, _, (_, said))) = found.last_mut() {
                    *said = lines::answer(&[detail], words);
                }
            }
            _ => {}
        }
    }
    found
}

/// "Child in Need X", "Child in Need: Yes".
fn typed_mark(text: &str, words: &Words<'_>) -> Option<(usize, usize)> {
    let (before, last) = text.trim_end().rsplit_once([' ', ':', '\n'])?;
    words.option(before).filter(|_| says(last) == Some(true))
}

/// What a cell that is there to be ticked says, and the words beside the tick.
pub fn mark_of(lines: &[Line], words: &Words<'_>) -> (Mark, Answer) {
    let mut boxes = lines.iter().flat_map(Line::boxes).peekable();
    if boxes.peek().is_some() {
        let mark = if boxes.any(|ticked| ticked) { Mark::Ticked } else { Mark::Blank };
        let without = lines.iter().map(|line| Line {
            parts: line.parts.iter().filter(|part| matches!(part, Part::Words { .. })).cloned().collect(),
        });
        let detail = lines::answer(&without.collect::<Vec<_>>(), words);
        return match (mark, says(&detail.text)) {
            // A tick in the box, and "x" beside it: one mark.
            (_, Some(true)) => (Mark::Ticked, Answer::default()),
            (Mark::Blank, None) if !detail.is_blank() => (Mark::Unclear, detail),
            _ => (mark, detail),
        };
    }
    let said = lines::answer(lines, words);
    if said.is_blank() {
        return (Mark::Blank, said);
    }
    match says(&said.text) {
        Some(true) => return (Mark::Ticked, Answer::default()),
        Some(false) => return (Mark::Blank, Answer::default()),
        None => {}
    }
    // "Yes – the family hub": the mark first, then the words.
    let (first, rest) = said.text.split_once([' ', ',', '\n', ':', '-', '–']).unwrap_or((said.text.as_str(), ""));
    let rest = rest.trim_start_matches([' ', ',', ':', '-', '–', '\n']).to_owned();
    match says(first) {
        Some(true) => (Mark::Ticked, Answer { text: rest, ..said }),
        _ => (Mark::Unclear, said),
    }
}

/// Whether a word by itself is a tick.
fn says(word: &str) -> Option<bool> {
    match word.trim() {
        "√" | "×" | "*" => return Some(true),
        _ => {}
    }
    match fold(word).as_str() {
        "x" | "xx" | "y" | "yes" | "tick" | "ticked" | "true" => Some(true),
        "n" | "no" | "none" | "na" | "n a" | "false" => Some(false),
        _ => None,
    }
}
