//! People and inner networks, and what only looks like them.

use crate::scan;

fn check(text: &str, found: &[&str]) {
    let report = scan(text.as_bytes());
    let places = report.findings.iter().map(|f| text.get(f.start..f.end).unwrap_or_default());
    assert_eq!(places.collect::<Vec<_>>(), found, "{text}");
}

#[test]
fn numbers_that_somebody_answers() {
    check("reach me at +49 170 3829471, please", &["+49 170 3829471"]);
    check("Phone: (415) 867-2340", &["(415) 867-2340"]);
    check("{\"phone\":\"030 4829 771\"}", &["030 4829 771"]);
}

#[test]
fn numbers_that_nobody_answers() {
    check("+1234567890\n@@ -1,7 +1,9 @@", &[]);
    check("call (212) 555-0147 as in films", &[]);
    check("x = (3, 4) + (2, 5); 2026-11-21 10:00", &[]);
    check("phone: 2026-11-21", &[]);
}

#[test]
fn homes_of_people_and_of_machines() {
    check("cd /home/adax/work", &["/home/adax"]);
    check(r"C:\\Users\\kathe7n\\x", &[r"C:\\Users\\kathe7n"]);
    check(r#"{"cwd":"/Users/gracez"}"#, &["/Users/gracez"]);
    check("/home/user /home/runner/work src/home/page https://x.dev/home/intro", &[]);
}

#[test]
fn hosts_and_addresses_of_inner_networks() {
    check("http://jenkins.corp.harbour.com:8080/", &["jenkins.corp.harbour.com"]);
    check("ping db-7.prod.internal", &["db-7.prod.internal"]);
    check("192.168.178.31 and fd12:3456:789a::17", &["192.168.178.31", "fd12:3456:789a::17"]);
    check("com.acme.internal.util settings.local.json host.docker.internal this.local", &[]);
    check("10.0.0.0/8 numpy==10.0.1.2 version 10.2.3.4 8.8.8.8 v10.1.2.3", &[]);
}
