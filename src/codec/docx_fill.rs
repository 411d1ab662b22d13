//! Fills a Word template.
