//! What should be sent, from the facts of a case.
