//! E-mail addresses, and what only looks like one.

use crate::scan;

fn check(text: &str, addresses: &[&str]) {
    let report = scan(text.as_bytes());
    let found = report.findings.iter().map(|f| text.get(f.start..f.end).unwrap_or_default());
    assert_eq!(found.collect::<Vec<_>>(), addresses, "{text}");
}

#[test]
fn addresses_are_found_in_prose_code_and_logs() {
    check("write to ada@lovelace.org.", &["ada@lovelace.org"]);
    check(
        "Ada <ada.l@mail.lovelace.co.uk>, b_c@d-e.io",
        &["ada.l@mail.lovelace.co.uk", "b_c@d-e.io"],
    );
    check(r#"{"m":"hi\nada@lovelace.org\nbye"}"#, &["ada@lovelace.org"]);
    check(r"Author: Ada \u003cada@lovelace.org\u003e", &["ada@lovelace.org"]);
    check("?to=%20ada@lovelace.org&x", &["ada@lovelace.org"]);
    check("mailto:ada@lovelace.org?subject=x", &["ada@lovelace.org"]);
    check("EMAIL='ADA@LOVELACE.ORG'", &["ADA@LOVELACE.ORG"]);
    check("a@b.de,c@d.fr;e@f.com", &["a@b.de", "c@d.fr", "e@f.com"]);
    check("1234+ada@users.noreply.github.com", &["1234+ada@users.noreply.github.com"]);
}

#[test]
fn logins_are_no_addresses() {
    check("git clone git@github.com:ada/engine.git", &[]);
    check("ssh deploy@web1.harbour.net", &[]);
    check("ssh -p 22 -i ~/.ssh/id deploy@web1.harbour.net uptime", &[]);
    check("scp x.txt", &[]);
    check("root@web1.harbour.net:~# ls", &[]);
    check("rsync -az ada@web1.harbour.net:/srv/ .", &[]);
    check("ssh://git@code.harbour.net/x postgres://ada:pass@db.harbour.net/x", &[]);
    check("user@host example@localhost", &[]);
}

#[test]
fn packages_decorators_and_files_are_no_addresses() {
    check("lodash@4.17.21 @types/node@18.0.0 react@next pkg@1.2.3-rc.in", &[]);
    check("icon@2x.png logo@3x.webp Foo@1f2e3d", &[]);
    check("@app.route('/') \\n@app.route x@self.dense.weight", &[]);
    check(r"\n@pytest.mark.it", &[]);
}

#[test]
fn examples_and_unread_boxes_belong_to_nobody() {
    check("user@example.com x@mail.example.org a@b.test", &[]);
    check("Co-Authored-By: Claude <noreply@anthropic.com>", &[]);
}
