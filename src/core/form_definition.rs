//! What a form looks like: labels, synonyms, tick boxes, repeating tables.
