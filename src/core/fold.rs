//! Names compared however they are written: by their letters and digits, in small letters.

/// Letters and digits alone: "St. Aidan's" and "st aidans" are one.
pub fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The same word by word: "SR&QA Team" has three.
pub fn words(text: &str) -> Vec<String> {
    let small = text.to_lowercase();
    small.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
