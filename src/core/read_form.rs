//! Reads a referral from a form by its definition.
