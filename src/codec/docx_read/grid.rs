//! Cells as they are met → a grid: spans, merged cells, rows that begin late, rows that were deleted.

use crate::core::form::{Block, Cell, Row, Table};

/// Word's own limit is 63 columns; a larger number in a file is taken as that.
const MOST_COLUMNS: u32 = 63;

/// A table whose end has not come yet.
#[derive(Debug, Default)]
pub struct TableBuilder {
    place: String,
    rows: Vec<Row>,
    row: Row,
    next_column: u32,
    row_deleted: bool,
    cell: CellBuilder,
}

#[derive(Debug)]
struct CellBuilder {
    span: u32,
    down: bool,
    across: bool,
}

impl Default for CellBuilder {
    fn default() -> Self {
        Self { span: 1, down: false, across: false }
    }
}

/// A number from a file, within what a row can hold.
pub fn columns(value: Option<String>) -> u32 {
    value.and_then(|text| text.parse::<u32>().ok()).unwrap_or(0).min(MOST_COLUMNS)
}

impl TableBuilder {
    /// A table at a place such as "table 2".
    pub fn at(place: String) -> Self {
        Self { place, ..Self::default() }
    }

    /// A row begins.
    pub fn begin_row(&mut self) {
        self.row = Row::new();
        self.next_column = 0;
        self.row_deleted = false;
    }

    /// The row begins with columns that have no cell (`w:gridBefore`).
    pub fn skip_columns(&mut self, count: u32) {
        self.next_column = self.next_column.saturating_add(count);
    }

    /// The row was deleted under tracked changes.
    pub fn delete_row(&mut self) {
        self.row_deleted = true;
    }

    /// A cell begins; its place, as a person counts.
    pub fn begin_cell(&mut self) -> String {
        self.cell = CellBuilder::default();
        format!("{}, row {}, cell {}", self.place, self.rows.len() + 1, self.row.len() + 1)
    }

    /// The cell covers so many columns (`w:gridSpan`).
    pub fn span(&mut self, count: u32) {
        self.cell.span = count.max(1);
    }

    /// The cell continues the one above it (`w:vMerge` without `restart`).
    pub fn continue_down(&mut self) {
        self.cell.down = true;
    }

    /// The cell continues the one to its left (the old `w:hMerge`).
    pub fn continue_across(&mut self) {
        self.cell.across = true;
    }

    /// The cell's properties after a table within it has closed are its own again: see [`TableBuilder::end_cell`].
    pub fn end_cell(&mut self, content: Vec<Block>) {
        let CellBuilder { span, down, across } = std::mem::take(&mut self.cell);
        let column = self.next_column;
        self.next_column = column.saturating_add(span);
        if let (true, Some(left)) = (across, self.row.last_mut()) {
            left.span = left.span.saturating_add(span);
            return;
        }
        // A cell can only continue one that begins at the same column in the row above.
        let continues = down && self.rows.last().is_some_and(|above| above.iter().any(|cell| cell.column == column));
        self.row.push(Cell { column, span, continues, content });
    }

    /// The row ends.
    pub fn end_row(&mut self) {
        let row = std::mem::take(&mut self.row);
        if !self.row_deleted && !row.is_empty() {
            self.rows.push(row);
        }
    }

    /// The table ends.
    pub fn finish(self) -> Table {
        Table { place: self.place, rows: self.rows }
    }
}
