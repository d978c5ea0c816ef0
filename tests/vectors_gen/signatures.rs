//! Edge cases of strict Ed25519, over the message `tracenet`: points of small and of mixed order,
//! points and scalars in forms other than the canonical one. Where a name says that the equation
//! holds, a lenient verifier accepts.

use super::{format::SignatureCase, people::key};
use data_encoding::HEXLOWER;

/// RFC 8032, section 7.1, tests 1 and 2: key, message, signature.
const RFC: [[&str; 3]; 2] = [
    [
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
];

/// Name, key, signature over `tracenet`, whether it is good.
const EDGES: [(&str, &str, &str, bool); 22] = [
    (
        "key of mixed order, the equation holds without cofactor",
        "8a5f8cf50bd4a54c01ad89d2670ad10029823e0ee5c3036bbef0d4fedbdecb12",
        "824dea66509b4233c7542a136dc6786de4610772ee6b5a4b2d859e5995ef1ab696098335c8decfe8e1d4494a1f5b3d0dbc538be51cf3cffde94a16b0fe1ca90a",
        true,
    ),
    (
        "key of mixed order, the equation holds only with cofactor",
        "8a5f8cf50bd4a54c01ad89d2670ad10029823e0ee5c3036bbef0d4fedbdecb12",
        "ae9f778ed1919d8f5ff31a22b6c2fd0e273abc752daa709c2a7506858ef373e8592c37f7d506e62350cf3142c80569a303125712c85f766378cdfe4cfe3ef20b",
        false,
    ),
    (
        "key and R of mixed order, the equation holds without cofactor",
        "8a5f8cf50bd4a54c01ad89d2670ad10029823e0ee5c3036bbef0d4fedbdecb12",
        "5b7ce8c34c00005f7ba5b00b27fde99e88b874b867a4c79129d28a882d1afd985ed51703ad5e3e8734cdd173a3db8a7982a817cc2889e9b8d46a2f0f2ba53c05",
        true,
    ),
    (
        "key of order 1, number 0, the equation holds",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "87b60305483b2a26b35b27dba1de0934c9bc94b13e4722218ab071c3d8360d56ab6e62667b1ed23146af76c3378035c556001d80e82668b3cb3cd09e2f6a430b",
        false,
    ),
    (
        "key of order 8, number 1, the equation holds",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "87b60305483b2a26b35b27dba1de0934c9bc94b13e4722218ab071c3d8360d56ab6e62667b1ed23146af76c3378035c556001d80e82668b3cb3cd09e2f6a430b",
        false,
    ),
    (
        "key of order 4, number 2, the equation holds",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "87b60305483b2a26b35b27dba1de0934c9bc94b13e4722218ab071c3d8360d56ab6e62667b1ed23146af76c3378035c556001d80e82668b3cb3cd09e2f6a430b",
        false,
    ),
    (
        "key of order 8, number 3, the equation holds",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "5e7d9f84c6825917fbc93b174ba48dc5fec06cc21b9653341e47f9c7cfe770ac738e2a47e3f9e5e74304ce7f39c0b80b554ba67d9f2cd3d996da4cb8091f6a06",
        false,
    ),
    (
        "key of order 2, number 4, the equation holds",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "53d91c7d575a585cb03b043952416834e358659ec4422390718feba7c4c9ef14c8521adcaf7c8f92c9e1c181b87e2e885cbc65a1ca4dbee7576267d8fd336701",
        false,
    ),
    (
        "key of order 8, number 5, the equation holds",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "87b60305483b2a26b35b27dba1de0934c9bc94b13e4722218ab071c3d8360d56ab6e62667b1ed23146af76c3378035c556001d80e82668b3cb3cd09e2f6a430b",
        false,
    ),
    (
        "key of order 4, number 6, the equation holds",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "87b60305483b2a26b35b27dba1de0934c9bc94b13e4722218ab071c3d8360d56ab6e62667b1ed23146af76c3378035c556001d80e82668b3cb3cd09e2f6a430b",
        false,
    ),
    (
        "key of order 8, number 7, the equation holds",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "519803a53c2d0a37065dca95d8ef0babfa0314fe69b8110ce39b3f96e76a9542c98fa1c8127db05ed7b6a7b2c93edb5e4fab1d5935c2fc6179f37cdaa3c5a30f",
        false,
    ),
    (
        "neutral key written as p + 1, the equation holds",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "2dab9c9d6a70e0ce79bed6ff17c575f1a0c1925eaa1bc0544ad18b0e2a1efae959d6130c1a99afe8cdbd3c4b26f9d4334c008e6990b0d45ed5cfa53d4c5d370a",
        false,
    ),
    (
        "neutral key written with the sign of zero, the equation holds",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "dba1a482b6c6ea91faeaaecd531b39082930194374a0853107eb0d1637797276a56c4bc34f0e7bae94e3a4a167b2fba435471aa06e841ceff839ab8ef5839b0c",
        false,
    ),
    (
        "key of order 4 written as p, the equation holds",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "dba1a482b6c6ea91faeaaecd531b39082930194374a0853107eb0d1637797276a56c4bc34f0e7bae94e3a4a167b2fba435471aa06e841ceff839ab8ef5839b0c",
        false,
    ),
    (
        "R neutral, the equation holds",
        "af2fcdbdaa25ebcefb12ec23f5bb7b2884dd2816866891ea9e3ec374eb745ea7",
        "0100000000000000000000000000000000000000000000000000000000000000fd259173f76c4d2bea1f619e263df8666193bb2d983236ba79ebb6170686930b",
        false,
    ),
    (
        "R neutral written as p + 1, the equation holds",
        "af2fcdbdaa25ebcefb12ec23f5bb7b2884dd2816866891ea9e3ec374eb745ea7",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7ff56a24984b4056b342d298a76d593045bfcf245b15d22408068a589d53262c09",
        false,
    ),
    (
        "S is zero",
        "af2fcdbdaa25ebcefb12ec23f5bb7b2884dd2816866891ea9e3ec374eb745ea7",
        "ef4f62f8479733ad879cfaced3c89a9c39dd4fc795ef2efa1c3eafe4d729a0810000000000000000000000000000000000000000000000000000000000000000",
        false,
    ),
    (
        "S is L",
        "af2fcdbdaa25ebcefb12ec23f5bb7b2884dd2816866891ea9e3ec374eb745ea7",
        "ef4f62f8479733ad879cfaced3c89a9c39dd4fc795ef2efa1c3eafe4d729a081edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
        false,
    ),
    (
        "S is L - 1",
        "af2fcdbdaa25ebcefb12ec23f5bb7b2884dd2816866891ea9e3ec374eb745ea7",
        "ef4f62f8479733ad879cfaced3c89a9c39dd4fc795ef2efa1c3eafe4d729a081ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
        false,
    ),
    (
        "plain",
        "af2fcdbdaa25ebcefb12ec23f5bb7b2884dd2816866891ea9e3ec374eb745ea7",
        "ef4f62f8479733ad879cfaced3c89a9c39dd4fc795ef2efa1c3eafe4d729a08188367b0104872740e4bbb3992a53861edcb5216696de78c96d7bdeee45198405",
        true,
    ),
    (
        "S and L added",
        "af2fcdbdaa25ebcefb12ec23f5bb7b2884dd2816866891ea9e3ec374eb745ea7",
        "ef4f62f8479733ad879cfaced3c89a9c39dd4fc795ef2efa1c3eafe4d729a081750a715e1eea3998ba58ab3c094d6533dcb5216696de78c96d7bdeee45198415",
        false,
    ),
    (
        "key written as p + 3",
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ef4f62f8479733ad879cfaced3c89a9c39dd4fc795ef2efa1c3eafe4d729a08188367b0104872740e4bbb3992a53861edcb5216696de78c96d7bdeee45198405",
        false,
    ),
];

pub(crate) fn signatures() -> Vec<SignatureCase> {
    let hex = |text: &str| HEXLOWER.decode(text.as_bytes()).unwrap();
    let case = |name: String, key: Vec<u8>, message: Vec<u8>, signature: Vec<u8>, good| {
        let (key, message, signature) = (key.into(), message.into(), signature.into());
        SignatureCase { name, key, message, signature, good }
    };
    let mut cases = Vec::new();
    for (n, [key, message, signature]) in RFC.into_iter().enumerate() {
        let (key, message, signature) = (hex(key), hex(message), hex(signature));
        cases.push(case(format!("RFC 8032 test {}", n + 1), key, message, signature, true));
    }
    for (name, key, signature, good) in EDGES {
        let message = b"tracenet".to_vec();
        cases.push(case(name.to_owned(), hex(key), message, hex(signature), good));
    }
    let north = key::<()>("north author");
    for length in [0, 1, 127, 128, 129, 5_000] {
        let message = vec![0x61; length];
        let signature = north.sign(&message);
        let public = north.public().as_bytes().to_vec();
        let name = format!("{length} bytes");
        cases.push(case(name, public.clone(), message.clone(), signature.to_vec(), true));
        let longer = [message, vec![0]].concat();
        let name = format!("{length} bytes, one more than was signed");
        cases.push(case(name, public, longer, signature.to_vec(), false));
    }
    cases
}
