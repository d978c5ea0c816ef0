//! Shows what becomes of logs: `cargo run -p distil --example crystal FILE…`.

use artifact::{ArtifactId, Author, Secret, crystal::CommitmentKey};
use distil::{Log, distil, recognise};

fn main() {
    let key = Secret::<Author>::from_seed(&[1; 32]);
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).unwrap_or_default();
        println!("=== {path}");
        let Some(format) = recognise(&bytes) else {
            println!("no log that is known here");
            continue;
        };
        let run = Log::read(format, &bytes);
        println!("{:?} {:?}", run.counts, run.place);
        let id = ArtifactId::of(&bytes);
        match distil(&run, &id, &CommitmentKey::of(&key), &|text| text.to_owned()) {
            Ok(made) => println!("{:#?}", artifact::Crystal { evidence: vec![], ..made.crystal }),
            Err(nothing) => println!("{nothing}"),
        }
    }
}
