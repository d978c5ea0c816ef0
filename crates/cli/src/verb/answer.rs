//! `tracenet answer`: the prompt in a terminal, in the same order as in the window, and the
//! PIN typed into the terminal itself.

mod queue;
mod said;

use queue::Came;

use crate::{
    Call, Ended,
    args::answer::{self as args, Deny, Rules, RulesVerb},
    gates::Gates,
    terminal, text,
    verb::{ask, look},
};
use wire::{
    Act, Answer, Answered, Code, Fault, Keychain, Pin, PromptView, Query, Rebuke, StatusView, Term,
    Verdict, View,
};

const ABOUT_TERMINAL: &str = "\
Whoever owns this terminal can record what is typed here. The app's window is safer.";

pub(crate) async fn answer(call: &Call, args: args::Answer) -> Result<Ended, Fault> {
    let (ask, verdict) = match (&args.ask, args.verdict) {
        (Some(ask), Some(verdict)) => (ask.clone(), verdict),
        (ask, _) => return queue::answer(call, ask.as_deref(), args.batch).await,
    };
    if verdict == args::Verdict::Deny {
        let deny_it = Deny { ask: Some(ask), all: false, rebuke: args.rebuke };
        return deny(call, deny_it).await;
    }
    if verdict != args::Verdict::Redact && (args.all || !args.findings.is_empty()) {
        let what = "findings are taken out with redact";
        let hint = "say redact, or leave --finding and --all out";
        return Err(node::Fault::invalid(what, hint).into());
    }
    if args.rebuke.mute || args.rebuke.block {
        let what = "an agent is muted or blocked with a no, not with a yes";
        return Err(node::Fault::invalid(what, "leave --mute and --block out").into());
    }
    let mut gates = Gates::open(call).await?;
    let outcome = match verdict {
        args::Verdict::Redact => redact(call, &mut gates, &ask, &args).await,
        _ => allow(call, &mut gates, &ask, &args).await,
    };
    gates.close().await;
    outcome
}

/// Takes findings out; the ask about the rest is shown and waits.
async fn redact(
    call: &Call,
    gates: &mut Gates,
    ask: &str,
    args: &args::Answer,
) -> Result<Ended, Fault> {
    if !args.all && args.findings.is_empty() {
        let hint = "say which with --finding, as the prompt counts them, or --all";
        return Err(node::Fault::invalid("what is to be taken out?", hint).into());
    }
    let seen = prompt(gates, ask).await?;
    let answered = take_out(gates, &seen, (!args.all).then(|| args.findings.clone())).await?;
    if !call.json {
        text::prompt::prompt(&prompt(gates, &answered.instead).await?);
    }
    text::answered(call.json, &answered);
    Ok(Ended::Well)
}

/// Takes these findings of a prompt out, or all of them.
async fn take_out(
    gates: &mut Gates,
    seen: &PromptView,
    findings: Option<Vec<u32>>,
) -> Result<Answered, Fault> {
    let (ask, code) = (seen.ask.clone(), seen.code.clone());
    let plain = Answer::plain(ask, Verdict::Redact, code, Pin::default());
    gates.answer(Answer { findings, ..plain }).await
}

pub(crate) async fn deny(call: &Call, args: Deny) -> Result<Ended, Fault> {
    let Some(ask) = args.ask else {
        return ask::simple(call, Act::DenyAll {}, "Denied all that waited. Nothing left.").await;
    };
    let mut gates = Gates::open(call).await?;
    let plain = Answer::plain(ask, Verdict::Deny, String::new(), Pin::default());
    let rebuke = match args.rebuke {
        args::Rebuke { block: true, .. } => Some(Rebuke::Block),
        args::Rebuke { mute: true, .. } => Some(Rebuke::Mute),
        _ => None,
    };
    let outcome = gates.answer(Answer { rebuke, ..plain }).await;
    gates.close().await;
    text::answered(call.json, &outcome?);
    Ok(Ended::Well)
}

/// What holds for longer than once, or an end to it.
pub(crate) async fn rules(call: &Call, args: Rules) -> Result<Ended, Fault> {
    match args.verb {
        None => match look::look(call, Query::Settings {}).await? {
            View::Settings(settings) if call.json => {
                let (rules, altered) = (settings.rules, settings.altered);
                text::json(&serde_json::json!({ "rules": rules, "altered": altered }));
                Ok(Ended::Well)
            }
            View::Settings(settings) => {
                text::show::altered(settings.altered);
                text::show::rules(&settings.rules);
                Ok(Ended::Well)
            }
            _ => Err(node::Fault::broken("no rules came").into()),
        },
        Some(RulesVerb::End(args)) => {
            let done = "Ended. The agent is asked about again; what was shared stays shared.";
            ask::simple(call, Act::EndRule { rule: args.rule }, done).await
        }
        Some(RulesVerb::Narrow(args)) => {
            let act = Act::NarrowRule { rule: args.rule, without: args.without };
            ask::simple(call, act, "Taken out of the rule.").await
        }
        Some(RulesVerb::Seen) => {
            let done = "Noted. The journal keeps which rules they were: `tracenet log`.";
            ask::simple(call, Act::AlteredSeen {}, done).await
        }
    }
}

/// Whether a terminal can grant at all: only where a PIN or passphrase is set.
pub(crate) async fn can_answer(gates: &mut Gates) -> Result<bool, Fault> {
    match gates.view(Query::Status {}).await? {
        View::Status(status) => Ok(status.protection == "pin" || status.protection == "file"),
        _ => Ok(false),
    }
}

/// Shows the prompt and takes the answer here, or decides later.
pub(crate) async fn here(call: &Call, gates: &mut Gates, ask: &str) -> Result<Ended, Fault> {
    let shown = vec![prompt(gates, ask).await?];
    if let Came::Later(shown) = queue::asked(call, gates, shown, false).await?
        && let Some(last) = shown.first()
    {
        text::waiting(&last.ask, &last.code);
    }
    Ok(Ended::Well)
}

async fn allow(
    call: &Call,
    gates: &mut Gates,
    ask: &str,
    args: &args::Answer,
) -> Result<Ended, Fault> {
    let prompt = prompt(gates, ask).await?;
    if prompt.state != "pending" {
        let what = format!("this ask is {} already", prompt.state);
        return Err(node::Fault::not_now(what, "").into());
    }
    if args.anywhere && !prompt.choose_reach {
        let hint = "leave --anywhere out; `tracenet network` shows how far this node reaches";
        return Err(node::Fault::invalid("this ask does not choose that", hint).into());
    }
    let term = match args.term {
        args::Term::Once => Term::Once,
        args::Term::Session => Term::Session,
        args::Term::Lock => Term::Lock,
        args::Term::Day => Term::Day,
    };
    if term != Term::Once && !prompt.terms.contains(&term) {
        let hint = "leave --for out: it is for private shares that a paired agent asks for";
        return Err(
            node::Fault::invalid("this cannot be allowed for longer than once", hint).into()
        );
    }
    text::prompt::prompt(&prompt);
    grant(call, gates, prompt, Choice { anywhere: args.anywhere, term }).await
}

/// Why nothing can be signed now. No PIN is typed in vain.
fn not_ready(status: &StatusView) -> Fault {
    let code = match status.keychain {
        Keychain::Locked => Code::KeychainLocked,
        _ => Code::KeychainMissing,
    };
    let hint = match status.keychain_command.as_str() {
        "" => "the ask keeps waiting".to_owned(),
        command => format!("without a desktop: {command}; the ask keeps waiting"),
    };
    Fault { code, what: status.keychain_hint.clone(), hint }
}

/// What is chosen with a yes.
#[derive(Default)]
struct Choice {
    anywhere: bool,
    term: Term,
}

pub(super) async fn prompt(gates: &mut Gates, ask: &str) -> Result<PromptView, Fault> {
    match gates.view(Query::Prompt { ask: ask.to_owned() }).await? {
        View::Prompt(prompt) => Ok(*prompt),
        _ => Err(node::Fault::broken("no prompt came").into()),
    }
}

async fn grant(
    call: &Call,
    gates: &mut Gates,
    prompt: PromptView,
    choice: Choice,
) -> Result<Ended, Fault> {
    // No PIN is typed in vain.
    if !prompt.forbidden.is_empty() {
        let hint = match prompt.artifact.as_str() {
            "" => "deny it, and let it be asked for anew",
            _ => "deny it, or drop the policy: `tracenet policy` lists them",
        };
        return Err(node::Fault::refused(prompt.forbidden.join(" "), hint).into());
    }
    let pin = typed_pin(gates).await?;
    let plain = Answer::plain(prompt.ask, Verdict::Allow, prompt.code, pin);
    let anywhere = prompt.choose_reach.then_some(choice.anywhere);
    let answer = Answer { anywhere, term: Some(choice.term), ..plain };
    let answered = gates.answer(answer).await?;
    text::answered(call.json, &answered);
    Ok(Ended::Well)
}

/// The PIN, typed into this terminal once it is sure who gets it, and that it opens anything.
pub(super) async fn typed_pin(gates: &mut Gates) -> Result<Pin, Fault> {
    if let View::Status(status) = gates.view(Query::Status {}).await?
        && status.keychain != Keychain::Ready
    {
        return Err(not_ready(&status));
    }
    gates.check_server()?;
    eprintln!("{ABOUT_TERMINAL}");
    Ok(terminal::pin("PIN: ")?.into())
}
