//! What a manager should see today, as data.
