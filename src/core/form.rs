//! A Word form as tables, cells and ticked boxes with positions.
