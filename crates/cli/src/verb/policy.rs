//! `tracenet policy`: what organisations forbid here; and the organisation's own side, which needs
//! no node.

use crate::{
    Call, Ended,
    args::policy::{Make, OrganisationKeyVerb, Policy, PolicyVerb},
    text,
    verb::{ask, look},
};
use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    path::Path,
};
use wire::{Act, Fault, Query, View};

/// More than any policy has.
const MAX_FILE: u64 = 64 << 10;

pub(crate) async fn policy(call: &Call, args: Policy) -> Result<Ended, Fault> {
    match args.verb {
        None => look::show_one(call, Query::Policies {}).await,
        Some(PolicyVerb::Show(args)) => show(call, &args.org).await,
        Some(PolicyVerb::Check(args)) => check(call, &args.file).await,
        Some(PolicyVerb::Accept(args)) => {
            let policy = read(&args.file)?;
            ask::make(call, Act::AcceptPolicy { policy }, args.wait).await
        }
        Some(PolicyVerb::Drop(args)) => {
            let who = args.org.unwrap_or_default();
            if who.trim().is_empty() && !args.all {
                let what = "which organisation's policy is to be dropped?";
                return Err(node::Fault::invalid(what, "`tracenet policy` lists them").into());
            }
            ask::make(call, Act::DropPolicy { who }, args.wait).await
        }
        Some(PolicyVerb::Make(args)) => make(call, args),
        Some(PolicyVerb::Key(args)) => {
            let (words, key) = match &args.verb {
                OrganisationKeyVerb::New(args) => node::new_organisation_key(&args.file)?,
                OrganisationKeyVerb::Words(args) => node::organisation_words(&args.file)?,
            };
            if call.json {
                text::json(&serde_json::json!({ "key": key, "words": words }));
            } else {
                text::say(&format!("words  {words}"));
                text::say(&format!("key    {key}"));
            }
            Ok(Ended::Well)
        }
    }
}

async fn show(call: &Call, org: &str) -> Result<Ended, Fault> {
    let View::Policies(view) = look::look(call, Query::Policies {}).await? else {
        return Err(node::Fault::broken("no policies came").into());
    };
    let hex = org.to_lowercase();
    let named =
        |policy: &&wire::PolicyView| policy.org == org || policy.words == org || policy.key == hex;
    let found: Vec<_> = view.policies.iter().filter(named).collect();
    match found.as_slice() {
        [] => {
            let what = "no policy of this organisation is accepted here";
            Err(node::Fault::invalid(what, "`tracenet policy` lists them").into())
        }
        [one] if call.json => {
            text::json(one);
            Ok(Ended::Well)
        }
        all => {
            all.iter().for_each(|policy| text::policy::whole(policy));
            Ok(Ended::Well)
        }
    }
}

async fn check(call: &Call, file: &Path) -> Result<Ended, Fault> {
    let view = look::look(call, Query::WouldAccept { policy: read(file)? }).await?;
    text::view(call.json, &view);
    match view {
        View::WouldAccept(would) if !would.refused.is_empty() => {
            call.ill(node::Fault::refused(would.refused, ""))
        }
        _ => Ok(Ended::Well),
    }
}

fn make(call: &Call, args: Make) -> Result<Ended, Fault> {
    let list = |none: bool, some: Vec<String>| (none || !some.is_empty()).then_some(some);
    let terms = node::PolicyTerms {
        org: args.org,
        seq: args.seq,
        meant: args.meant,
        public: args.no_public,
        people: list(args.nobody, args.person),
        findings: args.no_finding,
        agents: list(args.no_agents, args.agent),
        days: args.days,
    };
    let policy = node::make_policy(&args.key, terms)?;
    let unwritten = |e: std::io::Error| {
        let what = format!("{} cannot be written: {e}", args.file.display());
        node::Fault::invalid(what, "name a new file")
    };
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(&args.file).map_err(unwritten)?;
    file.write_all(&policy).and_then(|()| file.sync_all()).map_err(unwritten)?;
    let (words, key) = node::organisation_words(&args.key)?;
    if call.json {
        let file = args.file.display().to_string();
        text::json(&serde_json::json!({ "file": file, "key": key, "words": words }));
        return Ok(Ended::Well);
    }
    text::say(&format!("Written to {}. Tell people these words another way:", args.file.display()));
    text::say(&format!("  {words}"));
    text::say("They look at it with `tracenet policy check`, and accept it themselves.");
    Ok(Ended::Well)
}

/// The bytes of a file, in hex.
fn read(file: &Path) -> Result<String, Fault> {
    let unreadable = |e: std::io::Error| {
        let what = format!("{} cannot be read: {e}", file.display());
        node::Fault::invalid(what, "name the file that the organisation gave you")
    };
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(unreadable)?;
    opened.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE {
        let what = format!("{} is larger than any policy", file.display());
        return Err(node::Fault::invalid(what, "").into());
    }
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
