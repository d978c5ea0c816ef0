//! `tracenet lock` and `tracenet key`: what is done with human_key itself. Every PIN is typed
//! into the terminal.

use crate::{
    Call, Ended,
    args::key::{Key, KeyVerb, Rotate, Rotated, When},
    gates::Gates,
    terminal, text,
    verb::{ask, look},
};
use wire::{Act, Done, Fault, NodeKey, Pin, Query, StatusView, View};

const ABOUT_NO_PIN: &str = "\
Without a PIN any program of yours can read the key while the keychain is unlocked, and only the
app's window can answer asks.";

const ANOTHER_HUMAN: (&str, &str) = (
    "human_key is who you are: a new one is a new identity, which nobody knows and to whom nobody \
     shares, and it cannot revoke what this one gave",
    "if somebody else may have it: revoke what you shared (`tracenet revoke --all`), begin anew in \
     a folder of its own (TRACENET_HOME, `tracenet init`), and tell those who know you another way; \
     if only its PIN is known: `tracenet key pin`",
);

const ABOUT_PHRASE: &str = "\
Whoever has these words has your key, without any PIN. Write them on paper, in this order, and keep
it where only you find it. This terminal may remember what it shows: clear it afterwards.";

pub(crate) async fn lock(call: &Call) -> Result<Ended, Fault> {
    let done = "The key is locked. The next answer takes the PIN.";
    ask::simple(call, Act::Lock {}, done).await
}

pub(crate) async fn key(call: &Call, args: Key) -> Result<Ended, Fault> {
    let Some(verb) = args.verb else { return look::show_one(call, Query::Unlock {}).await };
    let verb = match verb {
        KeyVerb::Rotate(args) => return rotate(call, args).await,
        other => other,
    };
    let mut gates = Gates::open(call).await?;
    let outcome = match verb {
        KeyVerb::Pin(args) => change(&mut gates, args.remove).await,
        KeyVerb::Phrase => phrase(&mut gates).await,
        KeyVerb::Verify => verify(&mut gates).await,
        KeyVerb::Ask(args) => always(&mut gates, args.when).await,
        KeyVerb::Rotate(_) => return Err(node::Fault::broken("it was asked about already").into()),
    };
    gates.close().await;
    let said = outcome?;
    if call.json {
        text::json(&serde_json::json!({ "done": true }));
    } else {
        text::say(said);
    }
    Ok(Ended::Well)
}

/// A grant like others: the prompt says what it means.
async fn rotate(call: &Call, args: Rotate) -> Result<Ended, Fault> {
    let key = match args.key {
        Rotated::Author => NodeKey::Author,
        Rotated::Transport => NodeKey::Transport,
        Rotated::Journal => NodeKey::Journal,
        Rotated::Human => return Err(node::Fault::refused(ANOTHER_HUMAN.0, ANOTHER_HUMAN.1).into()),
    };
    ask::make(call, Act::Rotate { key }, args.wait).await
}

async fn change(gates: &mut Gates, remove: bool) -> Result<&'static str, Fault> {
    let status = status(gates).await?;
    let word = word(&status);
    if remove && status.protection != "pin" {
        let what = match status.protection.as_str() {
            "file" => "a key file always has a passphrase",
            _ => "this key has no PIN",
        };
        return Err(node::Fault::refused(what, "").into());
    }
    gates.check_server()?;
    let old = match status.protection.as_str() {
        "keychain" => Pin::default(),
        _ => terminal::pin(&format!("{word} until now: "))?.into(),
    };
    if remove {
        eprintln!("{ABOUT_NO_PIN}");
        if !terminal::confirm("Type `remove` to go on, anything else to leave it: ", "remove") {
            return Ok("Left as it was.");
        }
    }
    let new = if remove { Pin::default() } else { terminal::new_pin(word)?.into() };
    gates.act(Act::ChangePin { old, new }).await?;
    Ok(if remove { "The key has no PIN any more." } else { "Changed. The key is locked." })
}

/// The phrase goes to the terminal and nowhere else: not into a pipe, not into a file.
async fn phrase(gates: &mut Gates) -> Result<&'static str, Fault> {
    if !terminal::is_interactive() {
        let hint = "run this in a terminal of your own, or look in the app's window";
        return Err(node::Fault::refused("the phrase is shown in a terminal only", hint).into());
    }
    let status = status(gates).await?;
    gates.check_server()?;
    let pin = terminal::pin(&format!("{}: ", word(&status)))?.into();
    let Done::Phrase { phrase } = gates.act(Act::ShowPhrase { pin }).await? else {
        return Err(node::Fault::broken("the node answered something else").into());
    };
    eprintln!("{ABOUT_PHRASE}");
    for (n, word) in phrase.into_inner().split(' ').enumerate() {
        eprintln!("{:>4}  {word}", n + 1);
    }
    Ok("When they are on paper: tracenet key verify")
}

async fn verify(gates: &mut Gates) -> Result<&'static str, Fault> {
    gates.check_server()?;
    let phrase = terminal::pin("The 24 words, in one line: ")?.into();
    gates.act(Act::VerifyPhrase { phrase }).await?;
    Ok("This is the phrase of your key.")
}

async fn always(gates: &mut Gates, when: When) -> Result<&'static str, Fault> {
    if when == When::Always {
        gates.act(Act::PinAlways { on: true, pin: Pin::default() }).await?;
        return Ok("The PIN is asked for at every grant.");
    }
    let word = word(&status(gates).await?);
    gates.check_server()?;
    let pin = terminal::pin(&format!("{word}: "))?.into();
    gates.act(Act::PinAlways { on: false, pin }).await?;
    Ok("After a right PIN the window asks for none until the key is locked.")
}

/// What closes the key is called so.
fn word(status: &StatusView) -> &'static str {
    if status.protection == "file" { "passphrase" } else { "PIN" }
}

async fn status(gates: &mut Gates) -> Result<StatusView, Fault> {
    match gates.view(Query::Status {}).await? {
        View::Status(status) if status.protection.is_empty() => {
            Err(node::Fault::not_initialised().into())
        }
        View::Status(status) => Ok(status),
        _ => Err(node::Fault::broken("the node answered something else").into()),
    }
}
