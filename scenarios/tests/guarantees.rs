//! Nothing is promised that no test names: every test that `docs/GUARANTEES.md` names exists.

use std::fs;
use std::path::Path;

#[test]
fn every_promise_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = fs::read_to_string(root.join("docs/GUARANTEES.md")).unwrap();
    let mut named = 0;
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.split(" | ").collect();
        let heading = cells[0] == "| promise" || cells[0] == "| what";
        let measured = cells.len() > 3;
        if heading || measured {
            continue;
        }
        assert!(cells[1].contains('`'), "no test: {line}");
        for part in cells[1].split(';') {
            let mut quoted = part.split('`').skip(1).step_by(2);
            let file = quoted.next().unwrap_or_else(|| panic!("no test: {line}"));
            let code = fs::read_to_string(root.join(file)).unwrap_or_else(|_| panic!("no {file}"));
            for test in quoted {
                let function = format!("fn {test}(");
                let before = code.split(&function).next().unwrap();
                assert!(before.len() < code.len(), "{file} has no {test}");
                let attributes = before.rsplit("\n\n").next().unwrap();
                assert!(attributes.contains("test"), "{test} in {file} is no test");
                named += 1;
            }
        }
    }
    assert!(named > 20, "the table is read: {named} tests are named");
}
