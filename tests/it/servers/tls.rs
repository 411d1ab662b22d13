//! The certificates of the test servers, made anew for each set. Each address of the machine itself shows another one,
//! on the same ports, so that a test chooses by the host it connects to.

use std::fs;
use std::io::BufReader;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// Shows a certificate that is right (so does `localhost`).
pub const TRUSTED: &str = "127.0.0.1";
/// Shows a certificate for this address, from an authority nobody knows.
pub const STRANGER: &str = "127.0.0.2";
/// Shows a certificate from the right authority, for `elsewhere.example`.
pub const WRONG_NAME: &str = "127.0.0.3";
/// Shows a certificate from the right authority, for this address, that ended in 2020.
pub const EXPIRED: &str = "127.0.0.4";
/// All of them.
pub const HOSTS: [&str; 4] = [TRUSTED, STRANGER, WRONG_NAME, EXPIRED];

/// The certificates of one set, as files.
pub struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    /// Makes them.
    pub fn new(folder: PathBuf) -> Self {
        fs::create_dir_all(&folder).expect("a folder for certificates");
        let ours = authority("Daymark test authority");
        let strangers = authority("Nobody's authority");
        fs::write(folder.join("ca.pem"), &ours.0).expect("the authority's certificate");
        fs::write(folder.join("other-ca.pem"), &strangers.0).expect("the other authority's certificate");
        sign(&folder, TRUSTED, &["127.0.0.1", "localhost"], 2099, &ours.1);
        sign(&folder, STRANGER, &[STRANGER], 2099, &strangers.1);
        sign(&folder, WRONG_NAME, &["elsewhere.example"], 2099, &ours.1);
        sign(&folder, EXPIRED, &[EXPIRED], 2020, &ours.1);
        Self { folder }
    }

    /// The certificate of the authority that tests trust, in PEM.
    pub fn ca(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// The certificate of the authority that signed only [`STRANGER`], in PEM.
    pub fn other_ca(&self) -> PathBuf {
        self.folder.join("other-ca.pem")
    }

    /// What the server shows at this host.
    pub fn certificate(&self, host: &str) -> PathBuf {
        self.folder.join(format!("{host}.pem"))
    }

    /// The key that belongs to it.
    pub fn key(&self, host: &str) -> PathBuf {
        self.folder.join(format!("{host}.key"))
    }
}

/// A connection inside TLS.
pub type Tls = BufReader<StreamOwned<ClientConnection, TcpStream>>;

/// Goes on inside TLS, as a client that trusts only the authority in the file `ca` and wants to speak to `host`. What is
/// wrong with the server shows at the first line read.
pub fn inside_tls(ca: &Path, host: &'static str, tcp: TcpStream) -> Tls {
    let name = ServerName::try_from(host).expect("a host");
    let client = ClientConnection::new(client_trusting(ca), name).expect("a client");
    BufReader::new(StreamOwned::new(client, tcp))
}

/// A client that trusts only the authority whose certificate is in this file.
fn client_trusting(ca: &Path) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_file(ca).expect("a certificate in PEM");
    roots.add(certificate).expect("an authority's certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Arc::new(versions.expect("TLS 1.2 and 1.3").with_root_certificates(roots).with_no_client_auth())
}

fn authority(name: &str) -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::new(Vec::default()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(2019, 1, 1);
    params.not_after = rcgen::date_time_ymd(2099, 1, 1);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("an authority's certificate");
    (certificate.pem(), Issuer::new(params, key))
}

fn sign(folder: &Path, host: &str, names: &[&str], until: i32, issuer: &Issuer<'_, KeyPair>) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names for a certificate");
    params.distinguished_name.push(DnType::CommonName, host);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.not_before = rcgen::date_time_ymd(2019, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, issuer).expect("a server's certificate");
    fs::write(folder.join(format!("{host}.pem")), certificate.pem()).expect("a server's certificate");
    fs::write(folder.join(format!("{host}.key")), key.serialize_pem()).expect("a server's key");
}
