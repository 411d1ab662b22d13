//! TLS to mail servers: who is trusted, and what a refusal means in words an IT desk understands.
//!
//! There is one cryptographic library (ring), given by hand, so that nothing depends on what another part of the
//! program installed. There is no way round verification here (DESIGN invariant 8).

use std::error::Error;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::ports::{PortError, Retry};

/// What a client trusts: the certificates in `ca_file` (PEM) and no others, or those the machine itself trusts.
///
/// Versions are TLS 1.2 and 1.3.
///
/// # Errors
/// The file cannot be read or holds no certificate; the machine has none. The error names the file.
pub fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, PortError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| never(format!("TLS cannot be used on this machine: {error}. Reinstall Daymark.")))?;
    let builder = match ca_file {
        Some(path) => builder.with_root_certificates(authorities(path)?),
        None => builder.with_platform_verifier().map_err(|_| {
            never(
                "This machine holds no list of authorities whose certificates are trusted. Install it (the package is \
                 called ca-certificates on most systems), or name the authority's certificate with “ca_file”."
                    .to_owned(),
            )
        })?,
    };
    Ok(Arc::new(builder.with_no_client_auth()))
}

fn authorities(path: &Path) -> Result<RootCertStore, PortError> {
    let unusable = |why: &str| {
        let what = format!("The certificate file {} {why}.", path.display());
        never(format!("{what} “ca_file” names a file with the certificate of your authority, in PEM."))
    };
    let pem = std::fs::read(path).map_err(|error| unusable(&format!("cannot be read: {error}")))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|_| unusable("is damaged"))?;
        roots.add(certificate).map_err(|_| unusable("holds a certificate that cannot be used"))?;
    }
    if roots.is_empty() { Err(unusable("holds no certificate")) } else { Ok(roots) }
}

fn never(what: String) -> PortError {
    PortError { what, retry: Retry::Never }
}

/// Why no encrypted connection to `host` came about: a clause and what to do, without a full stop at its end. `None`
/// when the error is not one of TLS (the cable, a closed port).
///
/// A person must act on each of these.
pub fn refusal(error: &(dyn Error + 'static), host: &str) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(words(tls, host));
        }
        // `source` of an io::Error steps over the error it holds.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn words(error: &rustls::Error, host: &str) -> String {
    match error {
        rustls::Error::InvalidCertificate(certificate) => certificate_words(certificate, host),
        rustls::Error::InvalidMessage(_) => {
            "the server does not speak TLS on this port: check the port, or write “tls = \"starttls\"”".to_owned()
        }
        rustls::Error::AlertReceived(_) | rustls::Error::PeerIncompatible(_) => {
            "the server and Daymark have no kind of encryption in common: Daymark speaks TLS 1.2 and 1.3, so the server \
             needs one of them switched on"
                .to_owned()
        }
        _ => "the server broke the rules of TLS, so nothing was said to it: ask who runs it to look into its log"
            .to_owned(),
    }
}

fn certificate_words(error: &CertificateError, host: &str) -> String {
    match error {
        CertificateError::UnknownIssuer => format!(
            "the certificate of {host} is signed by an authority that is not trusted here: if it is your own authority, \
             name its certificate with “ca_file”; if it is not, something stands between this machine and the server"
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => format!(
            "the certificate of {host} has expired: it must be renewed on the server (or the clock of this machine is \
             wrong)"
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("the certificate of {host} is not valid yet: is the clock of this machine right")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => format!(
            "the certificate that was shown is not for {host}: write the name the server's certificate bears as “host”, \
             or have the certificate changed"
        ),
        CertificateError::Revoked => format!("the certificate of {host} was revoked: the server needs a new one"),
        _ => format!("the certificate of {host} cannot be accepted: have it looked at by who runs the server"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_own_authorities_or_those_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let missing = client_config(Some(&path)).unwrap_err();
        assert!(missing.what.contains("ca.pem") && missing.what.contains("cannot be read"), "{missing}");
        std::fs::write(&path, "nothing\n").unwrap();
        let empty = client_config(Some(&path)).unwrap_err();
        assert!(empty.what.contains("holds no certificate"), "{empty}");
        assert_eq!(empty.retry, Retry::Never);
        let key = rcgen::generate_simple_self_signed(vec!["mail.council.example".to_owned()]).unwrap();
        std::fs::write(&path, key.cert.pem()).unwrap();
        client_config(Some(&path)).unwrap();
    }

    #[test]
    fn a_refusal_is_found_inside_an_error_of_the_socket() {
        let inner = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let error = io::Error::new(io::ErrorKind::InvalidData, inner);
        let words = refusal(&error, "mail.council.example").unwrap();
        assert!(words.contains("not trusted here") && words.contains("ca_file"), "{words}");
        assert_eq!(refusal(&io::Error::from(io::ErrorKind::ConnectionReset), "mail.council.example"), None);
    }
}
