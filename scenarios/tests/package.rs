//! What is installed with the programs is whole: each has its completions, a man page for every command, its unit.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

#[test]
fn a_package_holds_both_programs_with_completions_and_a_page_for_every_command() {
    let tests = std::env::current_exe().expect("this test's file");
    let binaries = tests.parent().and_then(Path::parent);
    let to = TempDir::new().expect("a temporary directory");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/package");

    let made = Command::new(script)
        .arg(to.path())
        .arg(binaries.expect("target directory"))
        .output()
        .expect("it starts");

    assert!(made.status.success(), "{made:?}");
    for program in ["directory-server", "agency-node"] {
        for (file, words) in [
            (
                format!("usr/share/bash-completion/completions/{program}"),
                program,
            ),
            (
                format!("usr/share/zsh/site-functions/_{program}"),
                "#compdef",
            ),
            (
                format!("usr/share/fish/vendor_completions.d/{program}.fish"),
                "complete -c",
            ),
            (format!("usr/share/man/man1/{program}.1"), ".TH"),
            (format!("usr/share/man/man1/{program}-doctor.1"), ".TH"),
            (
                format!("usr/lib/systemd/system/{program}.service"),
                "ExecStart=/usr/bin/",
            ),
            (format!("usr/share/doc/{program}/{program}.toml"), "["),
        ] {
            let text = fs::read_to_string(to.path().join(&file)).unwrap_or_default();
            assert!(text.contains(words), "{file}");
        }
        assert!(to.path().join("usr/bin").join(program).is_file());
    }
}
