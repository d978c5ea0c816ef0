//! `tracenet init`: make the keys, once.

use crate::{Call, args::Init, gates::Gates, terminal, text, verb::look};
use wire::{Act, Fault, KeepKey};
use zeroize::Zeroizing;

const ABOUT_PIN: &str = "\
Your PIN wraps human_key, which signs every consent. At least 10 characters, not digits alone,
or five words. It cannot be recovered. To go without one: tracenet init --no-pin";

pub(crate) async fn init(call: &Call, args: Init) -> Result<(), Fault> {
    let mut gates = Gates::open(call).await?;
    let keep = keep(&args)?;
    gates.act(Act::Init { keep, name: args.name }).await?;
    if !call.json {
        text::say("This node has its keys.");
    }
    let shown = look::status_of(call, &mut gates).await;
    gates.close().await;
    shown
}

fn keep(args: &Init) -> Result<KeepKey, Fault> {
    if args.no_pin {
        return Ok(KeepKey::Keychain {});
    }
    let word = if args.key_file { "passphrase" } else { "PIN" };
    let mut pin: Zeroizing<String> = match args.pin_fd {
        Some(descriptor) => terminal::pin_from(descriptor)?,
        None => {
            eprintln!("{ABOUT_PIN}");
            terminal::new_pin(word)?
        }
    };
    let pin = std::mem::take(&mut *pin);
    Ok(if args.key_file { KeepKey::File { passphrase: pin } } else { KeepKey::Pin { pin } })
}
