//! Secrets lie in files of their own: a password, an application's secret. Read at each use, so that a changed one needs
//! no restart.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::ports::{PortError, Retry};

/// More than any secret has, in bytes: another file was named by mistake.
const LONGEST: u64 = 16 * 1024;

/// The first line of the file, without the white space around it. `kind` says what it is, as in "the password".
///
/// # Errors
/// The file cannot be read, is empty, or may be read by others on this machine. The error names the file, never what is
/// in it.
pub fn first_line(path: &Path, kind: &str) -> Result<String, PortError> {
    let fault = |why: String| PortError {
        what: format!("The file with {kind}, {}, {why}", path.display()),
        retry: Retry::Never,
    };
    let unread =
        |error| fault(format!("cannot be read: {error}. Check that it is there and belongs to Daymark's user."));
    let file = File::open(path).map_err(unread)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if file.metadata().map_err(unread)?.permissions().mode() & 0o077 != 0 {
            return Err(fault(format!("can be read by others on this machine. Run `chmod 600 {}`.", path.display())));
        }
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).map_err(unread)?;
    // Editors of Windows put this mark at the start of a file.
    let line = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default().trim();
    if line.is_empty() {
        return Err(fault("has nothing on its first line. Write the secret there, and nothing else.".to_owned()));
    }
    Ok(line.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_first_line_counts_and_only_the_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let read = |text: &str, mode| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            first_line(&path, "the password").map_err(|error| error.what)
        };
        assert_eq!(read("\u{feff} open sesame \r\nsecond\n", 0o600).unwrap(), "open sesame");
        for (text, mode, said) in
            [("sesame", 0o644, "chmod 600"), ("sesame", 0o640, "chmod 600"), ("\nsesame", 0o600, "first line")]
        {
            let what = read(text, mode).unwrap_err();
            assert!(what.contains(said) && what.contains("the password") && !what.contains("sesame"), "{what}");
        }
        fs::remove_file(&path).unwrap();
        assert!(first_line(&path, "the password").unwrap_err().what.contains("cannot be read"));
    }
}
