//! Commands on a case, which may be refused.
