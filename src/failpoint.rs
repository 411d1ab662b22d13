//! Places where a test may stop the program dead. Without the feature `failpoints` they are nothing at all.

/// Marks a place where `tests/it/crash.rs` may stop the program, by name.
#[macro_export]
macro_rules! failpoint {
    ($name:expr) => {
        #[cfg(feature = "failpoints")]
        $crate::failpoint::hit($name);
    };
}

/// Stops the program when the environment variable `DAYMARK_FAILPOINT` names this place.
#[cfg(feature = "failpoints")]
pub fn hit(name: &str) {
    if std::env::var("DAYMARK_FAILPOINT").is_ok_and(|wanted| wanted == name) {
        std::process::abort();
    }
}
