//! Runs of base64 and hex, and what is packed.

use super::*;
use data_encoding::{BASE64, HEXLOWER};

const TEXT: &str =
    "an ordinary sentence that is long enough to be worth a look, twice over and more";

fn read(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let plain = runs(bytes).flat_map(|run| undone(bytes, &run));
    plain.map(|(plain, _)| String::from_utf8_lossy(&plain).into_owned()).collect()
}

#[test]
fn base64_is_read_in_lines_and_behind_what_looks_alike() {
    let base64 = BASE64.encode(TEXT.as_bytes());
    assert_eq!(read(&format!("x: {base64}\n")), [TEXT]);
    for line in ["\n", "\r\n", "\\n", "\n    "] {
        let (first, rest) = base64.split_at(76);
        assert_eq!(read(&format!("{first}{line}{rest}")), [TEXT], "{line:?}");
    }
    // One, two, three more characters in front.
    for ahead in ["a/", "ab/", "abc/"] {
        let all = read(&format!("{ahead}{base64}"));
        assert!(all.iter().any(|text| text.contains("sentence that is long")), "{ahead}: {all:?}");
    }
}

#[test]
fn hex_is_read_in_either_case() {
    let hex = HEXLOWER.encode(TEXT.as_bytes());
    assert_eq!(read(&hex), [TEXT]);
    assert_eq!(read(&hex.to_uppercase()), [TEXT]);
}

#[test]
fn pictures_and_digests_say_nothing() {
    let mut state = 7_u32;
    let noise: Vec<u8> = (0..600)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    assert_eq!(read(&BASE64.encode(&noise)), Vec::<String>::new());
    assert_eq!(read("da39a3ee5e6b4b0d3255bfef95601890afd80709"), Vec::<String>::new());
}

#[test]
fn what_is_packed_is_unpacked_up_to_a_limit() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packer, &[b'a'; 100_000]).unwrap_or_default();
    let packed = packer.finish().unwrap_or_default();
    let made = unpacked(&packed, 1_000);
    assert!(made.plain.len() == 1_000 && !made.whole);
    let made = unpacked(&packed, 100_000);
    assert!(made.plain.len() == 100_000 && made.whole && made.read == packed.len());
    assert!(unpacked(b"\x1f\x8b\x08 no such thing", 100).plain.is_empty());
}
