//! `winmail.dat`: Outlook's private wrapper round attachments (MS-OXTNEF). Read by hand, because the crate for it
//! drops attachments that lack a date without a word.

/// First four bytes of the file, little-endian 0x223E9F78.
pub(super) const MAGIC: [u8; 4] = [0x78, 0x9F, 0x3E, 0x22];

const LEVEL_ATTACHMENT: u8 = 2;
const ATT_ATTACH_DATA: u32 = 0x0006_800F;
/// Most files taken out of one wrapper.
const MOST_FILES: usize = 100;

/// The files inside. The flag is true when the wrapper breaks off or a checksum fails: what was found is still given.
pub(super) fn files(bytes: &[u8]) -> (Vec<Vec<u8>>, bool) {
    let mut found = Vec::new();
    // Magic number and key, then attributes to the end.
    let Some(mut rest) = bytes.strip_prefix(&MAGIC).and_then(|rest| rest.get(2..)) else {
        return (found, true);
    };
    let mut damaged = false;
    while !rest.is_empty() && found.len() < MOST_FILES {
        let Some((attribute, after)) = attribute(rest) else { return (found, true) };
        if attribute.level == LEVEL_ATTACHMENT && attribute.id == ATT_ATTACH_DATA {
            damaged |= !attribute.intact;
            found.push(attribute.data.to_vec());
        }
        rest = after;
    }
    (found, damaged)
}

struct Attribute<'a> {
    level: u8,
    id: u32,
    data: &'a [u8],
    intact: bool,
}

/// Level (1 byte), id (4), length (4), data, checksum (2): section 2.1.3.1.
fn attribute(bytes: &[u8]) -> Option<(Attribute<'_>, &[u8])> {
    let (&level, rest) = bytes.split_first()?;
    let (id, rest) = rest.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let data = rest.get(..length)?;
    let (checksum, after) = rest.get(length..)?.split_first_chunk::<2>()?;
    let sum = data.iter().fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    let intact = sum == u16::from_le_bytes(*checksum);
    Some((Attribute { level, id: u32::from_le_bytes(*id), data, intact }, after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrap(data: &[u8]) -> Vec<u8> {
        let sum = data.iter().fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        let mut out = MAGIC.to_vec();
        out.extend([1, 0, LEVEL_ATTACHMENT]);
        out.extend(ATT_ATTACH_DATA.to_le_bytes());
        out.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        out.extend(data);
        out.extend(sum.to_le_bytes());
        out
    }

    #[test]
    fn m13_the_file_inside_winmail_dat_is_found() {
        assert_eq!(files(&wrap(b"PK form")), (vec![b"PK form".to_vec()], false));
    }

    #[test]
    fn m13_a_wrapper_that_breaks_off_says_so() {
        let whole = wrap(b"PK form");
        assert!(files(&whole[..whole.len() - 3]).1);
        let mut wrong = whole;
        *wrong.last_mut().unwrap() ^= 1;
        assert!(files(&wrong).1);
    }

    proptest! {
        #[test]
        fn any_wrapper_is_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            files(&[MAGIC.as_slice(), &bytes].concat());
        }
    }
}
