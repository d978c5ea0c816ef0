//! `tracenet init`: make the keys, once.

use crate::{Call, Ended, args::Init, gates::Gates, terminal, text, verb::look};
use wire::{Act, Code, Fault, KeepKey, Keychain, Phase, Query, StatusView, View};
use zeroize::Zeroizing;

const ABOUT_PIN: &str = "\
Your PIN closes human_key, which signs every consent. At least 10 characters, not digits alone,
or five words. It cannot be recovered. Forgotten, only your recovery phrase brings the key back:
write that down afterwards (tracenet key phrase). To go without a PIN: tracenet init --no-pin";
const ABOUT_PASSPHRASE: &str = "\
Your passphrase closes the file of human_key, which signs every consent. At least 10 characters,
not digits alone, or five words. It cannot be recovered. Forgotten, only your recovery phrase
brings the key back: write that down afterwards (tracenet key phrase).";

pub(crate) async fn init(call: &Call, args: Init) -> Result<Ended, Fault> {
    let mut gates = Gates::open(call).await?;
    let outcome = make(call, &mut gates, args).await;
    gates.close().await;
    outcome
}

async fn make(call: &Call, gates: &mut Gates, args: Init) -> Result<Ended, Fault> {
    if let View::Status(status) = gates.view(Query::Status {}).await? {
        check_possible(&status, args.key_file)?;
    }
    let keep = keep(&args)?;
    let restored = args.restore;
    let act = if restored {
        Act::Restore { keep, name: args.name, phrase: phrase(args.phrase_fd)?.into() }
    } else {
        Act::Init { keep, name: args.name }
    };
    gates.act(act).await?;
    if !call.json {
        text::say(if restored { "Your key is back." } else { "This node has its keys." });
    }
    look::status_of(call, gates).await
}

/// Whether keys can be made, before a human thinks of a PIN for nothing.
fn check_possible(status: &StatusView, key_file: bool) -> Result<(), Fault> {
    if status.phase == Phase::Ready {
        let hint = "`tracenet status` shows them; another node needs another TRACENET_HOME";
        return Err(node::Fault::refused("this node has its keys already", hint).into());
    }
    if key_file || status.keychain == Keychain::Ready {
        return Ok(());
    }
    let code = match status.keychain {
        Keychain::Locked => Code::KeychainLocked,
        _ => Code::KeychainMissing,
    };
    let hint = "to keep the key in a file with a passphrase: tracenet init --key-file";
    Err(Fault { code, what: status.keychain_hint.clone(), hint: hint.to_owned() })
}

fn phrase(descriptor: Option<u32>) -> Result<Zeroizing<String>, Fault> {
    match descriptor {
        Some(descriptor) => terminal::pin_from(descriptor),
        None => terminal::pin("The 24 words of the recovery phrase, in one line: "),
    }
}

fn keep(args: &Init) -> Result<KeepKey, Fault> {
    if args.no_pin {
        return Ok(KeepKey::Keychain {});
    }
    let word = if args.key_file { "passphrase" } else { "PIN" };
    let pin: Zeroizing<String> = match args.pin_fd {
        Some(descriptor) => terminal::pin_from(descriptor)?,
        None => {
            eprintln!("{}", if args.key_file { ABOUT_PASSPHRASE } else { ABOUT_PIN });
            terminal::new_pin(word)?
        }
    };
    Ok(if args.key_file {
        KeepKey::File { passphrase: pin.into() }
    } else {
        KeepKey::Pin { pin: pin.into() }
    })
}
