//! Files that come with the program: procedures, forms, holidays and templates, embedded in the binary.
//!
//! A file of the same name in the configuration folder overrides one.

use std::path::Path;

/// Every shipped file: path as under the configuration folder, and content.
pub const FILES: &[(&str, &[u8])] = &[];

/// The file at `path` (`procedures/tees.toml`): from the configuration folder when it has one, else as shipped.
pub fn read(folder: &Path, path: &str) -> Option<Vec<u8>> {
    std::fs::read(folder.join(path))
        .ok()
        .or_else(|| FILES.iter().find(|(name, _)| *name == path).map(|(_, bytes)| bytes.to_vec()))
}
