//! The clocks of a case, with their statuses.
