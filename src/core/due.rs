//! Due-date expressions: parsing and working.
