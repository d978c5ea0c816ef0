//! Poisoned crystals: a corpus of hostile texts in every field, given over the wire to a real node
//! by a peer who speaks it rightly, and then shown to agents, at the prompt and in a terminal.
//! Nothing leaves its frame, nothing moves a cursor, nothing is run. The window has the same
//! corpus in `desktop_stories/hostile.rs`.

#[path = "hostile/corpus.rs"]
mod corpus;
#[path = "hostile/dressed.rs"]
mod dressed;
#[path = "hostile/frame.rs"]
mod frame;
#[path = "hostile/given.rs"]
mod given;
#[path = "hostile/names.rs"]
mod names;
#[path = "hostile/prompt.rs"]
mod prompt;
#[allow(dead_code, reason = "shared with the tests of the command, which use other parts")]
#[path = "command/rig.rs"]
mod rig;
#[path = "hostile/terminal.rs"]
mod terminal;
#[path = "hostile/texts.rs"]
mod texts;
#[path = "hostile/tools.rs"]
mod tools;

#[test]
fn five_hundred_texts_have_five_hundred_names() {
    let dressed: std::collections::BTreeMap<String, String> = dressed::all().into_iter().collect();
    let texts: std::collections::BTreeSet<&String> = dressed.values().collect();
    assert!(texts.len() >= 500 && dressed.len() == dressed::all().len(), "{}", texts.len());
}

#[test]
fn the_corpus_is_large_and_every_name_is_one_crystals() {
    let corpus = corpus::corpus();
    assert!(corpus.len() >= 200, "{}", corpus.len());
    let names: std::collections::BTreeSet<&str> = corpus.iter().map(|h| h.name.as_str()).collect();
    assert_eq!(names.len(), corpus.len());
    let author = artifact::Secret::from_seed(&[1; 32]);
    for hostile in &corpus {
        let sealed = hostile.crystal.seal(&author);
        assert!(sealed.is_ok(), "{}: {:?}", hostile.name, sealed.err());
    }
}
