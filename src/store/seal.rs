//! Sealing: the master key, the keys under it, keyed hashes, and where randomness comes from.
//!
//! XChaCha20-Poly1305 with a random 24-byte nonce before the ciphertext. Each seal is bound to the row it lies in,
//! so a sealed value moved to another row does not open. Hashes used for looking things up are HMAC-SHA-256 under
//! a key derived from the master key: nobody can try all NHS numbers without it (DESIGN invariant 10).

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::error::StoreError;

/// Length of a key and of a SHA-256 hash, in bytes.
pub(super) const KEY_LENGTH: usize = 32;
const NONCE_LENGTH: usize = 24;

/// Where salts, nonces and keys come from. Injected, so that tests need nothing masked.
#[derive(Clone)]
pub struct Randomness(Source);

#[derive(Clone)]
enum Source {
    Os,
    Seeded { seed: u64, drawn: Arc<Mutex<u64>> },
}

impl Randomness {
    /// The operating system's.
    pub const fn os() -> Self {
        Self(Source::Os)
    }

    /// The same bytes for the same seed, in order, shared by clones. For tests and demos only: a data file made
    /// this way is not secret.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded { seed, drawn: Arc::default() })
    }

    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`StoreError::NoRandomness`] when the operating system refuses.
    pub fn fill(&self, bytes: &mut [u8]) -> Result<(), StoreError> {
        match &self.0 {
            Source::Os => getrandom::fill(bytes).map_err(|_| StoreError::NoRandomness),
            Source::Seeded { seed, drawn } => {
                let mut drawn = drawn.lock().unwrap_or_else(PoisonError::into_inner);
                for chunk in bytes.chunks_mut(KEY_LENGTH) {
                    let block = Sha256::new().chain_update(seed.to_be_bytes()).chain_update(drawn.to_be_bytes());
                    chunk.copy_from_slice(&block.finalize()[..chunk.len()]);
                    *drawn += 1;
                }
                Ok(())
            }
        }
    }
}

impl std::fmt::Debug for Randomness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Source::Os => "Randomness::os()",
            Source::Seeded { .. } => "Randomness::seeded(…)",
        })
    }
}

/// The key over all keys. It lies in a file or credential outside the data folder, as 64 hexadecimal digits, and is
/// wiped from memory when dropped. It never prints itself.
pub struct MasterKey(Zeroizing<[u8; KEY_LENGTH]>);

impl MasterKey {
    /// Reads a key file.
    ///
    /// # Errors
    /// Missing, damaged, or open to others. Reading by the group is let pass: systemd shows a credential so.
    pub fn from_file(path: &Path) -> Result<Self, StoreError> {
        let text = match fs::read(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(StoreError::KeyMissing(path.to_owned())),
            Err(error) => return Err(StoreError::file("read the master key", path)(error)),
        };
        let rights = fs::metadata(path).map_err(StoreError::file("read the master key", path))?.permissions().mode();
        if rights & 0o027 != 0 {
            return Err(StoreError::KeyOpenToOthers(path.to_owned()));
        }
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        let digits = text.trim_ascii();
        let read = digits.len() == 2 * KEY_LENGTH
            && digits.chunks(2).zip(key.iter_mut()).all(|(pair, byte)| match (hex(pair[0]), hex(pair[1])) {
                (Some(high), Some(low)) => {
                    *byte = high << 4 | low;
                    true
                }
                _ => false,
            });
        if read { Ok(Self(key)) } else { Err(StoreError::KeyDamaged(path.to_owned())) }
    }

    /// Makes a new key and writes it to `path`, mode 0600, durable before this returns.
    ///
    /// # Errors
    /// A file that is already there is never overwritten.
    pub fn generate_to(path: &Path, randomness: &Randomness) -> Result<Self, StoreError> {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        randomness.fill(&mut key[..])?;
        let mut text = Zeroizing::new(String::with_capacity(2 * KEY_LENGTH + 1));
        for byte in key.iter() {
            text.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])));
        }
        text.push('\n');
        let doing = "write the master key";
        let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(StoreError::KeyExists(path.to_owned()));
            }
            Err(error) => return Err(StoreError::file(doing, path)(error)),
        };
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(StoreError::file(doing, path))?;
        super::schema::sync_folder(path)?;
        Ok(Self(key))
    }

    /// A key of its own for each use, so that no two uses can be played against each other.
    fn derive(&self, purpose: &str) -> [u8; KEY_LENGTH] {
        mac(&self.0, &[b"daymark", purpose.as_bytes()])
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(•••)")
    }
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// HMAC-SHA-256 over parts, each with its length before it so that no two lists of parts read alike (RFC 2104).
fn mac(key: &[u8; KEY_LENGTH], parts: &[&[u8]]) -> [u8; KEY_LENGTH] {
    let mut block = Zeroizing::new([0; 64]);
    block[..KEY_LENGTH].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The key of one case, mail or message; wiped when dropped.
pub(super) struct DataKey([u8; KEY_LENGTH]);

impl Drop for DataKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Everything the store needs to seal, open and hash.
pub(super) struct Sealer {
    wrap: DataKey,
    lookup: DataKey,
    chain: DataKey,
    check: [u8; KEY_LENGTH],
    randomness: Randomness,
}

impl Sealer {
    pub(super) fn new(master: &MasterKey, randomness: Randomness) -> Self {
        Self {
            wrap: DataKey(master.derive("wrap keys")),
            lookup: DataKey(master.derive("look up")),
            chain: DataKey(master.derive("head of the chain")),
            check: master.derive("check"),
            randomness,
        }
    }

    /// What the data file remembers of its master key: it tells a wrong key, and nothing else.
    pub(super) const fn check(&self) -> &[u8; KEY_LENGTH] {
        &self.check
    }

    pub(super) fn random<const N: usize>(&self) -> Result<[u8; N], StoreError> {
        let mut bytes = [0; N];
        self.randomness.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A new key, and itself sealed by the master key for row `id` of `keys`.
    pub(super) fn new_key(&self, id: i64) -> Result<(DataKey, Vec<u8>), StoreError> {
        let key = DataKey(self.random()?);
        let sealed = self.seal(&self.wrap, &place("keys", id), &key.0)?;
        Ok((key, sealed))
    }

    pub(super) fn open_key(&self, id: i64, sealed: &[u8]) -> Result<DataKey, StoreError> {
        let place = place("keys", id);
        let bytes = Zeroizing::new(open(&self.wrap, &place, sealed)?);
        let key = <[u8; KEY_LENGTH]>::try_from(&bytes[..]);
        key.map(DataKey).map_err(|_| StoreError::Damaged(format!("{place} is not a key")))
    }

    /// Seals `plain` under `key`, bound to `place`.
    pub(super) fn seal(&self, key: &DataKey, place: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let nonce: [u8; NONCE_LENGTH] = self.random()?;
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let text = cipher(key)
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| StoreError::Misuse("a value too large to seal"))?;
        Ok([&nonce[..], &text].concat())
    }

    /// The keyed hash by which a value of this `kind` is found again.
    pub(super) fn lookup(&self, kind: &str, parts: &[&[u8]]) -> [u8; KEY_LENGTH] {
        mac(&self.lookup.0, &[&[kind.as_bytes()], parts].concat())
    }

    /// What proves the end of the chain: without the key nobody can cut events off it unseen.
    pub(super) fn head(&self, seq: i64, hash: &[u8]) -> [u8; KEY_LENGTH] {
        mac(&self.chain.0, &[&seq.to_be_bytes(), hash])
    }
}

/// The row a seal is bound to.
pub(super) fn place(table: &str, row: impl std::fmt::Display) -> String {
    format!("{table} {row}")
}

/// The row a seal is bound to, where rows go by a hash: its first eight bytes tell one row from another.
pub(super) fn place_of_hash(table: &str, hash: &[u8; KEY_LENGTH]) -> String {
    place(table, hash[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// Opens what [`Sealer::seal`] made. An error names the row, never its content.
pub(super) fn open(key: &DataKey, place: &str, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
    sealed
        .split_first_chunk::<NONCE_LENGTH>()
        .and_then(|(nonce, msg)| {
            cipher(key).decrypt(&XNonce::from(*nonce), Payload { msg, aad: place.as_bytes() }).ok()
        })
        .ok_or_else(|| StoreError::Damaged(format!("the seal of {place} does not open")))
}

fn cipher(key: &DataKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&key.0).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_opens_only_in_its_row_and_only_whole() {
        let master = MasterKey(Zeroizing::new([7; KEY_LENGTH]));
        let sealer = Sealer::new(&master, Randomness::seeded(1));
        let (key, wrapped) = sealer.new_key(1).unwrap();
        let sealed = sealer.seal(&key, "raw_mails 1", b"Wren Example").unwrap();
        let same = sealer.open_key(1, &wrapped).unwrap();
        assert_eq!(open(&same, "raw_mails 1", &sealed).unwrap(), b"Wren Example");
        assert!(open(&key, "raw_mails 2", &sealed).is_err());
        assert!(sealer.open_key(2, &wrapped).is_err());
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert!(open(&key, "raw_mails 1", &bent).is_err(), "byte {at}");
        }
        assert!(open(&key, "raw_mails 1", b"short").is_err());
    }

    #[test]
    fn hashes_do_not_confuse_their_parts() {
        let sealer = Sealer::new(&MasterKey(Zeroizing::new([7; KEY_LENGTH])), Randomness::seeded(1));
        assert_ne!(sealer.lookup("nhs", &[b"ab", b"c"]), sealer.lookup("nhs", &[b"a", b"bc"]));
        assert_ne!(sealer.lookup("nhs", &[b"a"]), sealer.lookup("thread", &[b"a"]));
    }

    #[test]
    fn the_mac_is_hmac_sha_256() {
        // Each part goes in with its length before it, under the 32-byte key as RFC 2104 pads it.
        let mut plain = Hmac::<Sha256>::new_from_slice(&[0x0b; 32]).unwrap();
        plain.update(&8u64.to_be_bytes());
        plain.update(b"Hi There");
        assert_eq!(mac(&[0x0b; 32], &[b"Hi There"]).as_slice(), plain.finalize().into_bytes().as_slice());
    }

    #[test]
    fn seeded_randomness_repeats_and_never_stands_still() {
        let (a, b) = (Randomness::seeded(3), Randomness::seeded(3));
        let draw = |r: &Randomness| {
            let mut bytes = [0; 40];
            r.fill(&mut bytes).unwrap();
            bytes
        };
        assert_eq!(draw(&a), draw(&b));
        let (second, third) = (draw(&a), draw(&a));
        assert_ne!(second, third);
        assert_eq!((draw(&b.clone()), draw(&b)), (second, third), "a clone draws from the same stream");
        assert_ne!(draw(&a), draw(&Randomness::os()));
    }
}
