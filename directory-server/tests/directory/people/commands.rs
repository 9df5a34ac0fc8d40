//! `person`, `token`, `audit` and `what-we-hold`, with a directory that runs and with none.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::commands::{Serving, fails, program, run};

/// What a command printed, once it has done what it was told.
fn done(data: &Path, arguments: &[&str]) -> String {
    let output = program(arguments).arg("--data").arg(data).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(data: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&done(data, arguments)).unwrap()
}

#[test]
fn people_and_tokens_are_managed_whether_or_not_a_directory_runs() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("directory");
    for runs in [false, true] {
        let serving = runs.then(|| Serving::start(&data));
        let name = format!("ana{runs}@example.org");

        let invite = [
            "person",
            "invite",
            name.as_str(),
            "--role",
            "caseworker",
            "--json",
        ];
        let invited = json(&data, &invite);
        let account = invited["account"].as_str().unwrap();
        let link = invited["link"].as_str().unwrap();
        assert!(link.contains("/welcome?invitation=invite1_"), "{link}");
        assert_eq!(link.starts_with("http://127.0.0.1:"), runs, "{link}");
        done(&data, &["person", "role", account, "specialist"]);
        let make = [
            "token",
            "make",
            account,
            "--scopes",
            "search,feed",
            "--days",
            "2",
            "--json",
        ];
        let token = json(&data, &make);
        assert!(token["token"].as_str().unwrap().starts_with("token1_"));
        let listed = json(&data, &["person", "list", "--json"]);
        let own = |one: &&Value| one["accountId"] == account;
        let own = listed["persons"]
            .as_array()
            .unwrap()
            .iter()
            .find(own)
            .unwrap();
        assert_eq!(
            (&own["role"], &own["state"]),
            (&"specialist".into(), &"invited".into())
        );
        done(&data, &["token", "revoke", token["id"].as_str().unwrap()]);
        done(&data, &["person", "again", account]);
        done(&data, &["person", "revoke", account]);
        let listed = done(&data, &["person", "list"]);
        assert!(
            listed.contains("revoked") && listed.contains(&name),
            "{listed}"
        );
        assert!(done(&data, &["token", "list"]).contains("revoked"));
        let held = done(&data, &["what-we-hold", &name]);
        assert!(held.starts_with("account"), "{held}");
        assert_eq!(
            done(&data, &["what-we-hold", "nobody at all"]),
            "nothing is held\n"
        );
        drop(serving);
    }
}

#[test]
fn wrong_words_are_refused_and_say_what_to_do() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("directory");
    let data = data.to_str().unwrap();
    let invite = |name, role| ["person", "invite", name, "--role", role, "--data", data];
    for (arguments, words) in [
        (&invite("a b", "caseworker")[..], "a name to sign in with"),
        (
            &invite("ana@example.org", "public")[..],
            "a role is caseworker",
        ),
        (
            &["person", "revoke", "ana", "--data", data],
            "no account id",
        ),
        (
            &["person", "revoke", "p-0000000000000000", "--data", data],
            "no such account",
        ),
        (
            &["token", "revoke", "t-1", "--data", data],
            "no such account or token",
        ),
        (
            &["what-we-hold", "ab", "--data", data],
            "at least 3 characters",
        ),
    ] {
        fails(arguments, 1, &[words]);
    }
    let twice = invite("ana@example.org", "caseworker");
    assert!(run(&twice).status.success());
    fails(&twice, 1, &["there is an account with this name"]);
}

#[test]
fn the_log_is_shown_and_verified_and_a_change_is_found() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("directory");
    done(
        &data,
        &["person", "invite", "ana@example.org", "--role", "operator"],
    );
    done(&data, &["agency", "enrol", "harbor", "--name", "Harbor"]);

    let shown = done(&data, &["audit", "show"]);
    assert_eq!(shown.lines().count(), 2, "{shown}");
    assert!(shown.contains("person_invited") && shown.contains("agency_invited"));
    let about = json(&data, &["audit", "show", "--about", "harbor", "--json"]);
    assert_eq!(about["entries"].as_array().unwrap().len(), 1);
    let head = done(&data, &["audit", "verify"]);
    done(&data, &["audit", "verify", "--since", head.trim()]);

    let log = data.join("audit/log");
    let text = fs::read_to_string(&log).unwrap();
    fs::write(&log, text.replace("harbor", "hornet")).unwrap();
    let data = data.to_str().unwrap();
    fails(
        &["audit", "verify", "--data", data],
        75,
        &["the audit log was changed", "entry 2"],
    );
    let cut = text.lines().next().unwrap();
    fs::write(&log, format!("{cut}\n")).unwrap();
    fails(&["audit", "verify", "--data", data], 75, &["cut off"]);
    fails(
        &["audit", "verify", "--since", "soon", "--data", data],
        2,
        &["--since"],
    );
}

#[test]
fn a_restore_is_in_the_log() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("directory");
    done(&data, &["agency", "enrol", "harbor", "--name", "Harbor"]);
    let backup = home.path().join("backup");
    let backup = backup.to_str().unwrap();
    done(&data, &["backup", "--to", backup]);
    done(&data, &["restore", "--from", backup, "--replace"]);

    let shown = done(&data, &["audit", "show"]);

    assert!(
        shown.lines().last().unwrap().contains("restored"),
        "{shown}"
    );
    assert!(done(&data, &["audit", "verify"]).starts_with(char::is_numeric));
}
