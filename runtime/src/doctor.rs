//! What `doctor` finds: whether a program has what it needs here, said check by check, each with what to do.
//!
//! Start at [`Findings`]. Nothing here changes anything: a doctor looks. The checks that every program needs are
//! below; a program adds its own.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use clap::Args;
use rustix::fs::statvfs;
use rustix::process::{Resource, geteuid, getrlimit};
use serde::Serialize;

use crate::exit::Exit;
use crate::paint::Tone;
use crate::table::{lines, table};

/// Less free space than this is little. Unit: bytes.
const LITTLE: u64 = 1 << 30;
/// With less than this nothing is taken in any more. Unit: bytes.
const NONE: u64 = 256 << 20;

/// How `doctor` is asked, the same for every program.
#[derive(Args, Clone, Debug)]
pub struct Asked {
    /// Configuration file (TOML); everything has a default
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// How a check came out, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Well,
    /// It works, and somebody should look.
    Care,
    /// It does not work, or is not safe.
    Ill,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, in a word or two: stable, for scripts.
    pub check: &'static str,
    /// How it came out.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do; empty: nothing.
    pub advice: String,
}

impl Finding {
    /// Something that is as it should be.
    pub fn well(check: &'static str, found: impl Into<String>) -> Self {
        Self::new(check, Verdict::Well, found, "")
    }

    /// Something that works and that somebody should look at.
    pub fn care(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, Verdict::Care, found, advice)
    }

    /// Something that does not work, or is not safe.
    pub fn ill(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, Verdict::Ill, found, advice)
    }

    fn new(
        check: &'static str,
        verdict: Verdict,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            check,
            verdict,
            found: found.into(),
            advice: advice.into(),
        }
    }
}

/// All that was found, in the order of the checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Adds what one check found.
    pub fn add(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// What was found.
    #[must_use]
    pub fn all(&self) -> &[Finding] {
        &self.0
    }

    /// [`Exit::Failed`] when something is ill.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.count(Verdict::Ill) > 0 {
            Exit::Failed
        } else {
            Exit::Done
        }
    }

    /// For people, or with `json` one document.
    ///
    /// # Errors
    /// When it cannot be said as JSON.
    pub fn say(&self, json: bool) -> serde_json::Result<String> {
        if json {
            let findings = serde_json::json!({ "findings": self.0 });
            return Ok(format!("{}\n", serde_json::to_string_pretty(&findings)?));
        }
        Ok(self.text())
    }

    fn text(&self) -> String {
        let mut rows = table(&["check", "", "found"]);
        for finding in &self.0 {
            let mut said = finding.found.clone();
            if !finding.advice.is_empty() {
                let _infallible = write!(said, "; {}", finding.advice);
            }
            rows.add_row([
                Tone::Strong.cell(finding.check),
                verdict(finding.verdict),
                comfy_table::Cell::new(said),
            ]);
        }
        let count = |verdict| self.count(verdict);
        format!(
            "{}\n{} well, {} to look at, {} ill\n",
            lines(&rows, 0),
            count(Verdict::Well),
            count(Verdict::Care),
            count(Verdict::Ill)
        )
    }

    fn count(&self, verdict: Verdict) -> usize {
        let found = self.0.iter().filter(|finding| finding.verdict == verdict);
        found.count()
    }
}

fn verdict(verdict: Verdict) -> comfy_table::Cell {
    match verdict {
        Verdict::Well => Tone::Good.cell("well"),
        Verdict::Care => Tone::Care.cell("look"),
        Verdict::Ill => Tone::Bad.cell("ILL"),
    }
}

/// Whether a data directory is there, this user's, and closed to others.
#[must_use]
pub fn data_directory(path: &Path) -> Finding {
    const CHECK: &str = "data directory";
    let shown = path.display();
    let found = match fs::metadata(path) {
        Ok(found) if found.is_dir() => found,
        Ok(_) => return Finding::ill(CHECK, format!("{shown} is no directory"), "name another"),
        Err(error) => {
            let found = format!("{shown} cannot be read: {error}");
            return Finding::ill(CHECK, found, "check --data, and who may read it");
        }
    };
    let me = geteuid();
    if found.uid() != me.as_raw() && !me.is_root() {
        let found = format!("{shown} belongs to another user");
        return Finding::ill(
            CHECK,
            found,
            "run this as the user that the program runs as",
        );
    }
    if found.permissions().mode() & 0o077 != 0 {
        let advice = format!("chmod 700 {shown}");
        return Finding::care(CHECK, format!("other users can look into {shown}"), advice);
    }
    Finding::well(CHECK, format!("{shown} is closed to other users"))
}

/// How much may still be written where `path` is.
#[must_use]
pub fn room(path: &Path) -> Finding {
    const CHECK: &str = "disk";
    let disk = match statvfs(path) {
        Ok(disk) => disk,
        Err(error) => {
            let found = format!("the system does not say what is free: {error}");
            return Finding::ill(CHECK, found, "check that the disk is there");
        }
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let found = format!("{} MiB are free", free >> 20);
    let advice = "make room: what is published would be refused before the disk is full";
    match free {
        0..NONE => Finding::ill(CHECK, found, advice),
        NONE..LITTLE => Finding::care(CHECK, found, advice),
        _ => Finding::well(CHECK, found),
    }
}

/// Whether secrets are there and for their owner's eyes alone. None of them: nothing is made yet.
#[must_use]
pub fn secrets(paths: &[PathBuf]) -> Finding {
    const CHECK: &str = "secrets";
    let there = paths.iter();
    let there: Vec<_> = there
        .filter_map(|path| Some((path, fs::metadata(path).ok()?)))
        .collect();
    if there.is_empty() {
        return Finding::well(CHECK, "no keys are made yet");
    }
    let open = there.into_iter();
    let open = open.filter(|(_, found)| found.permissions().mode() & 0o077 != 0);
    let open: Vec<String> = open.map(|(path, _)| path.display().to_string()).collect();
    if open.is_empty() {
        return Finding::well(CHECK, "keys can be read by their owner alone");
    }
    let found = format!("other users can read {}", open.join(", "));
    let advice = format!("chmod 600 {}, and have new keys made", open.join(" "));
    Finding::ill(CHECK, found, advice)
}

/// How many files and connections may be open at once.
///
/// * `needed` — so many are enough.
#[must_use]
pub fn open_files(needed: u64) -> Finding {
    const CHECK: &str = "open files";
    let most = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    if most == u64::MAX {
        return Finding::well(CHECK, "the system sets no limit");
    }
    let found = format!("{most} may be open at once");
    if most >= needed {
        return Finding::well(CHECK, found);
    }
    let advice = format!("raise the hard limit to {needed}: each connection needs one");
    Finding::care(CHECK, found, advice)
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;
    use crate::paint::plain;

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_directory_or_key_that_others_can_read_is_found() {
        let place = tempfile::tempdir().unwrap();
        let key = place.path().join("tls.key");
        fs::write(&key, "secret").unwrap();
        mode(&key, 0o600);
        mode(place.path(), 0o700);
        assert_eq!(data_directory(place.path()).verdict, Verdict::Well);
        assert_eq!(secrets(std::slice::from_ref(&key)).verdict, Verdict::Well);

        mode(&key, 0o640);
        mode(place.path(), 0o750);

        assert_eq!(data_directory(place.path()).verdict, Verdict::Care);
        let found = secrets(std::slice::from_ref(&key));
        assert_eq!(found.verdict, Verdict::Ill);
        assert!(found.advice.contains("chmod 600"), "{found:?}");
    }

    #[test]
    fn a_data_directory_that_is_missing_or_a_file_is_ill() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, "").unwrap();

        for path in [file, place.path().join("none")] {
            assert_eq!(data_directory(&path).verdict, Verdict::Ill, "{path:?}");
        }
    }

    #[test]
    fn a_limit_that_is_too_low_says_how_high_it_should_be() {
        let found = open_files(u64::MAX - 1);

        if found.verdict == Verdict::Care {
            assert!(found.advice.contains("18446744073709551614"), "{found:?}");
        }
        assert_eq!(open_files(1).verdict, Verdict::Well);
    }

    #[test]
    fn something_ill_ends_with_a_failure_and_is_said_for_people_and_for_scripts() {
        let mut findings = Findings::default();
        findings.add(Finding::well("disk", "9000 MiB are free"));
        findings.add(Finding::care("mail", "none is set", "set [mail]"));
        assert_eq!(findings.exit(), Exit::Done);

        findings.add(Finding::ill("directory", "no answer", "is it running?"));

        assert_eq!(findings.exit(), Exit::Failed);
        let text = plain(&findings.say(false).unwrap());
        assert!(text.contains("ILL   no answer; is it running?\n"), "{text}");
        assert!(text.ends_with("1 well, 1 to look at, 1 ill\n"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&findings.say(true).unwrap()).unwrap();
        assert_eq!(json["findings"][2]["verdict"], "ill");
    }
}
