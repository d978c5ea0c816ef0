//! The corpus through the scanner: how much of each group is found, and how little else.

#[path = "corpus/made.rs"]
#[allow(missing_docs, unreachable_pub, reason = "shared with the benchmark")]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
mod made;

use std::collections::BTreeMap;

/// The least share of each group that is found.
fn floor(group: &str) -> f64 {
    match group {
        "encoded" | "nested" | "joined" | "invisible" => 0.95,
        "password" | "secret" | "phone" | "named-token" => 0.95,
        _ => 0.98,
    }
}

#[test]
fn each_group_is_found_and_little_else() {
    let mut groups: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let (mut missed, mut wrong) = (Vec::new(), Vec::new());
    for sample in made::all() {
        let report = screen::scan(&sample.bytes);
        let text = String::from_utf8_lossy(&sample.bytes).into_owned();
        let (all, found) = groups.entry(sample.group).or_default();
        *all += 1;
        let meets = |f: &screen::Finding| f.start < sample.place.end && sample.place.start < f.end;
        if report.findings.iter().any(|f| meets(f) && f.class != screen::Class::Unread) {
            *found += 1;
        } else {
            missed.push(format!("{} | {} | {text}", sample.group, sample.what));
        }
        for other in report.findings.iter().filter(|f| !meets(f)) {
            wrong.push(format!("{} in {}: {text}", other.rule, sample.what));
        }
    }
    let samples: usize = groups.values().map(|(all, _)| all).sum();
    let alikes = made::look_alikes();
    for (form, bytes) in &alikes {
        for other in screen::scan(bytes).findings {
            let text =
                String::from_utf8_lossy(bytes.get(other.start..other.end).unwrap_or_default());
            wrong.push(format!("{} in the look-alike {form}: {text}", other.rule));
        }
    }
    println!("{} samples, {} look-alikes", samples, alikes.len());
    for (group, (all, found)) in &groups {
        println!("{group:12} {found} of {all}");
    }
    println!("missed:\n{}\nwrong:\n{}", missed.join("\n"), wrong.join("\n"));
    for (group, (all, found)) in groups {
        let (all, found) = (
            f64::from(u32::try_from(all).unwrap_or(0)),
            f64::from(u32::try_from(found).unwrap_or(0)),
        );
        assert!(found >= all * floor(group), "{group}: {found} of {all}");
    }
    assert!(wrong.len() * 100 < samples, "{} of {samples} findings are wrong", wrong.len());
}
