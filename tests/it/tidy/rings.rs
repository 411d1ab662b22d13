//! The rings: which part of the program may name which. ARCHITECTURE.md says why.

/// A ring, and all it may name.
pub struct Ring {
    /// Its folder or file under `src`.
    pub name: &'static str,
    /// Other rings.
    pub rings: &'static [&'static str],
    /// Libraries, as the code spells them.
    pub libraries: &'static [&'static str],
    /// Paths it may not name although their library is allowed.
    pub never: &'static [&'static str],
}

/// What reads or writes the world, or its clock.
const WORLD: &[&str] = &[
    "std::env",
    "std::fs",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
];

/// The same, and chrono's way to the zone the machine is set to.
const WORLD_AND_ZONE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "chrono::Local",
];

/// Every ring. A new file or folder directly under `src` is listed here first.
pub const RINGS: &[Ring] = &[
    Ring { name: "core", rings: &[], libraries: &["chrono"], never: WORLD_AND_ZONE },
    Ring { name: "ports", rings: &["core"], libraries: &["chrono", "thiserror"], never: WORLD },
    Ring { name: "failpoint", rings: &[], libraries: &[], never: &[] },
    Ring {
        name: "codec",
        rings: &["core"],
        libraries: &[
            "chrono",
            "docx_rs",
            "html2text",
            "lettre",
            "mail_parser",
            "quick_xml",
            "serde_json",
            "sha2",
            "tera",
            "thiserror",
            "zip",
        ],
        never: WORLD,
    },
    Ring {
        name: "store",
        rings: &["core", "failpoint"],
        libraries: &[
            "chacha20poly1305",
            "chrono",
            "getrandom",
            "hmac",
            "rusqlite",
            "rusqlite_migration",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
            "zeroize",
        ],
        never: &["std::net", "std::process", "std::thread"],
    },
    Ring {
        name: "adapters",
        rings: &["core", "failpoint", "ports"],
        libraries: &[
            "async_imap",
            "base64",
            "chrono",
            "chrono_tz",
            "cron",
            "csv",
            "futures_util",
            "getrandom",
            "lettre",
            "reqwest",
            "rustls",
            "rustls_platform_verifier",
            "serde",
            "serde_json",
            "thiserror",
            "tokio",
            "tokio_rustls",
            "toml",
            "tracing",
        ],
        never: &[],
    },
    Ring {
        name: "pipeline",
        rings: &["codec", "core", "failpoint", "ports", "store"],
        libraries: &["chrono", "getrandom", "serde", "serde_json", "sha2", "thiserror", "tracing"],
        never: &["std::fs", "std::net", "std::process", "std::thread"],
    },
    Ring { name: "daemon", rings: OUTER, libraries: OUTER_LIBRARIES, never: &[] },
    Ring { name: "cli", rings: OUTER, libraries: OUTER_LIBRARIES, never: &[] },
    Ring { name: "main", rings: &["cli", "daemon"], libraries: OUTER_LIBRARIES, never: &[] },
    Ring { name: "lib", rings: &[], libraries: &[], never: &[] },
];

/// Starting, stopping and commands put the parts together, so they may name all of them.
const OUTER: &[&str] = &["adapters", "cli", "codec", "core", "daemon", "failpoint", "pipeline", "ports", "store"];

/// No SQLite, no Word, no templates: those have a ring of their own.
const OUTER_LIBRARIES: &[&str] =
    &["chrono", "clap", "futures_util", "getrandom", "serde_json", "tokio", "toml", "tracing", "tracing_subscriber"];

/// Adapters know nothing of each other, but for these, which open no door to the world.
pub const SHARED_ADAPTERS: &[(&str, &str)] = &[
    (
        "secret_file",
        "reads the first line of a secret's file, with the same care for a password and for an application",
    ),
    ("tls", "says who is trusted, and in the same words why a server was not, to whoever opens a connection"),
    ("toml_error", "says file, line and advice in the same words for every configuration file"),
];
