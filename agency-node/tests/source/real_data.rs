use crate::support::*;
use agency_node::source::Input;
use std::collections::BTreeMap;
#[test]
fn look() {
    for (n, input) in [
        (
            "balt",
            Input::Csv {
                files: vec![real_data("baltimore-community").unwrap()],
                map: shipped_map("baltimore.toml"),
            },
        ),
        (
            "fl",
            Input::Csv {
                files: vec![real_data("florida-legal-aid").unwrap()],
                map: shipped_map("florida-legal-aid.toml"),
            },
        ),
        (
            "hsds all",
            Input::Hsds(real_data("hsds-3.1-examples").unwrap()),
        ),
        (
            "hsds csv",
            Input::Hsds(real_data("hsds-3.1-examples/examples/csv").unwrap()),
        ),
        (
            "hsds full",
            Input::Hsds(real_data("hsds-3.1-examples/examples/service_full.json").unwrap()),
        ),
        (
            "hsds orgfull",
            Input::Hsds(real_data("hsds-3.1-examples/examples/organization_full.json").unwrap()),
        ),
        (
            "hsds tab",
            Input::Hsds(real_data("hsds-3.1-examples/examples/tabular.json").unwrap()),
        ),
        (
            "hsds sal",
            Input::Hsds(
                real_data("hsds-3.1-examples/examples/service_at_location_full.json").unwrap(),
            ),
        ),
        (
            "hsds list",
            Input::Hsds(real_data("hsds-3.1-examples/examples/service_list.json").unwrap()),
        ),
    ] {
        let r = match import(&input) {
            Ok(r) => r,
            Err(e) => {
                println!("== {n}: {e} {}", e.code());
                continue;
            }
        };
        println!(
            "== {n}: {} records {} services {} reports; skipped {:?}",
            r.converted.records.len(),
            services(&r).len(),
            r.converted.reports.len(),
            r.skipped
        );
        for (k, l) in [
            ("refused", &r.converted.refused),
            ("withheld", &r.converted.withheld),
            ("repaired", &r.converted.repaired),
        ] {
            let mut m: BTreeMap<(String, &str, &str), Vec<String>> = BTreeMap::new();
            for i in l {
                m.entry((i.entity.to_string(), i.code, &i.field))
                    .or_default()
                    .push(format!(
                        "{}:{}:{}",
                        i.file,
                        i.row,
                        i.id.clone().unwrap_or_default()
                    ));
            }
            for (key, v) in m {
                println!("  {k} {key:?} {} {:?}", v.len(), &v[..v.len().min(4)]);
            }
        }
    }
}
