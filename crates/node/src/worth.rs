//! What is worth sharing: own crystals that helped, looked through by the scanner, with the people
//! whom they have not been shared with.
//!
//! It only proposes. What a human said no to is not proposed to them again: a denied share and a
//! withheld crystal count alike, and go on counting when its log grows. What was shared with
//! somebody in any version, or is being asked for, is not proposed for them either.

use crate::{Fault, Node, Notice, event::Event, house::House, past, prompt};
use artifact::{ArtifactId, Head, HumanKey, Outcome};
use consent::{Finding, Origin, State, Wish, rule::line_of};
use std::collections::{BTreeMap, BTreeSet};
use store::{CrystalRow, Look};

/// The most crystals that are proposed at once; how many more there are is told too.
const MOST: usize = 100;

/// Why something is worth sharing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worthy {
    /// Agents said that it helped: these.
    Helped(Vec<String>),
    /// Its human marked how it ended.
    Marked(Outcome),
    /// It ended an error that so many runs met.
    Solved(usize),
}

/// A crystal that is worth sharing.
#[derive(Debug, Clone)]
pub struct Worth {
    /// Its id.
    pub crystal: ArtifactId,
    /// Its row.
    pub row: CrystalRow,
    /// Why.
    pub why: Vec<Worthy>,
    /// What the scanner found in it.
    pub findings: Vec<Finding>,
    /// Whether nothing stands against answering it together with others: nothing was found, all of
    /// it was looked through, and it hides no character.
    pub ready: bool,
    /// Who was not given it yet.
    pub people: Vec<HumanKey>,
}

/// All that is worth sharing.
#[derive(Debug, Clone, Default)]
pub struct AllWorth {
    /// The newest first, at most a hundred.
    pub rows: Vec<Worth>,
    /// How many there are.
    pub total: usize,
}

impl Node {
    /// What is worth sharing, and with whom.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn worth(&self) -> Result<AllWorth, Fault> {
        self.0.worth()
    }

    /// Proposes a crystal no more for these people; with none named, for nobody who is known now.
    ///
    /// # Errors
    /// When there is no such crystal of mine, or a name names nobody.
    pub async fn withhold(&self, id: &str, from: &[String]) -> Result<(), Fault> {
        let look = self.0.look()?;
        let id = look.crystal_named(id)??;
        let known = look.peers()?;
        let people = if from.is_empty() {
            known.iter().map(|(human, _)| *human).collect()
        } else {
            let named = from.iter().map(|name| crate::audience::resolve(&known, name));
            named.collect::<Result<Vec<_>, _>>()?
        };
        self.0.happen(|reply| Event::Withhold(id, people, reply)).await?;
        self.0.notify(Notice::Memory);
        Ok(())
    }
}

impl House {
    pub(crate) fn on_withhold(&self, id: &ArtifactId, people: &[HumanKey]) -> Result<(), Fault> {
        let now = self.now();
        self.store.change::<_, Fault>(|change| Ok(change.withhold(id, people, now)?))
    }

    fn worth(&self) -> Result<AllWorth, Fault> {
        let look = self.look()?;
        let people: Vec<HumanKey> = look.peers()?.into_iter().map(|(human, _)| human).collect();
        let people: Vec<HumanKey> =
            people.into_iter().filter(|human| self.refuse_shut_out(human).is_ok()).collect();
        let mut found = AllWorth::default();
        if people.is_empty() {
            return Ok(found);
        }
        let mut worthy = worthy(&look)?;
        worthy.sort_by(|a, b| b.1.at.cmp(&a.1.at).then(a.0.cmp(&b.0)));
        let given = Given::read(&look)?;
        for (crystal, row, why) in worthy {
            let Some(bytes) = look.envelope(&crystal)? else { continue };
            let line = line_in(&bytes, &crystal);
            let mut lacking = Vec::new();
            for human in &people {
                if !given.has(&line, human) && !look.is_withheld(&crystal, human)? {
                    lacking.push(*human);
                }
            }
            if lacking.is_empty() {
                continue;
            }
            found.total += 1;
            if found.rows.len() < MOST {
                let text = prompt::text_of(&bytes);
                let (findings, spent) = crate::ask::looked_through(&text);
                let ready = findings.is_empty() && !spent && prompt::is_plain(&text);
                found.rows.push(Worth { crystal, row, why, findings, ready, people: lacking });
            }
        }
        Ok(found)
    }
}

/// Own crystals that helped somebody, and how.
fn worthy(look: &Look) -> Result<Vec<(ArtifactId, CrystalRow, Vec<Worthy>)>, Fault> {
    let mut why: BTreeMap<ArtifactId, Vec<Worthy>> = BTreeMap::new();
    let mut said: BTreeMap<ArtifactId, (Vec<String>, usize)> = BTreeMap::new();
    for (id, row) in look.every_outcome()? {
        let of = said.entry(id).or_default();
        if row.outcome == "helped" {
            of.0.push(row.agent);
        } else {
            of.1 += 1;
        }
    }
    for (id, (mut helped, otherwise)) in said {
        // Where more found it wrong or stale than it helped, it is none to hand on.
        if helped.len() > otherwise {
            helped.sort();
            helped.dedup();
            why.entry(id).or_default().push(Worthy::Helped(helped));
        }
    }
    for id in look.every_judged()? {
        if let Some(row) = look.crystal(&id)?.filter(has_ended_well) {
            why.entry(id).or_default().push(Worthy::Marked(row.outcome));
        }
    }
    for one in past::met_again(look)? {
        // The newest run that ended well is how the error is dealt with today.
        if let Some(run) = one.runs.iter().find(|run| has_ended_well(&run.row)) {
            why.entry(run.crystal).or_default().push(Worthy::Solved(one.runs.len()));
        }
    }
    let mut found = Vec::with_capacity(why.len());
    for (id, why) in why {
        let own = |row: &CrystalRow| row.origin == Origin::Mine && row.outcome != Outcome::Failed;
        if let Some(row) = look.crystal(&id)?.filter(own) {
            found.push((id, row, why));
        }
    }
    Ok(found)
}

fn has_ended_well(row: &CrystalRow) -> bool {
    matches!(row.outcome, Outcome::Passed | Outcome::Accepted)
}

/// What people were given, or would be if they were allowed what is asked for: by line.
struct Given {
    to: BTreeSet<(ArtifactId, HumanKey)>,
    to_all: BTreeSet<ArtifactId>,
}

impl Given {
    /// Ended receipts count as well: what was taken back is not offered anew.
    fn read(look: &Look) -> Result<Self, Fault> {
        let mut given = Self { to: BTreeSet::new(), to_all: BTreeSet::new() };
        for (_, row) in look.receipts()? {
            given.put(line(look, &row.artifact)?, &row.peers);
        }
        // Of what was redacted the receipt names the rest; its ask names the whole.
        for ask in look.pending()?.into_iter().chain(look.allowed()?.into_iter().map(|one| one.1)) {
            let waits = matches!(ask.state, State::Pending {});
            let whole = ask.redacts.map(|redaction| redaction.of);
            let about = whole.or_else(|| ask.wish.object().filter(|_| waits).map(|o| o.id));
            let (Some(about), true) = (about, ask.wish.object().is_some()) else { continue };
            match &ask.wish {
                Wish::SharePrivate { peers, .. } => given.put(line(look, &about)?, peers),
                _ => given.put(line(look, &about)?, &[]),
            }
        }
        Ok(given)
    }

    fn put(&mut self, line: ArtifactId, people: &[HumanKey]) {
        if people.is_empty() {
            self.to_all.insert(line);
        }
        self.to.extend(people.iter().map(|human| (line, *human)));
    }

    fn has(&self, line: &ArtifactId, human: &HumanKey) -> bool {
        self.to_all.contains(line) || self.to.contains(&(*line, *human))
    }
}

/// The line that an artifact belongs to; of one of which nothing is here, itself.
fn line(look: &Look, id: &ArtifactId) -> Result<ArtifactId, Fault> {
    let id = look.whole_of(id)?;
    let bytes = match look.envelope(&id)? {
        Some(bytes) => Some(bytes),
        None => look.snapshot(&id)?,
    };
    Ok(bytes.map_or(id, |bytes| line_in(&bytes, &id)))
}

fn line_in(bytes: &[u8], id: &ArtifactId) -> ArtifactId {
    Head::of(bytes).map_or(*id, |head| line_of(&head))
}
