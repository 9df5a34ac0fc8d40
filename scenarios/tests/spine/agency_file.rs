//! An agency's own file, as HSDS tables: one organization in Baltimore with the services a test names.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes the tables under `home` and gives their folder.
pub(crate) fn hsds_tables<'a>(
    home: &Path,
    services: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> PathBuf {
    let folder = home.join("hsds");
    fs::create_dir_all(&folder).expect("a folder");
    let mut rows = "id,organization_id,name,status\n".to_owned();
    let mut offers = "id,service_id,location_id\n".to_owned();
    for (id, name) in services {
        writeln!(rows, "{id},harbor,{name},active").expect("a string grows");
        writeln!(offers, "at-{id},{id},office").expect("a string grows");
    }
    let table = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a table");
    table(
        "organizations.csv",
        "id,name,description\nharbor,Harbor House,A shelter\n",
    );
    table(
        "locations.csv",
        "id,organization_id,name,location_type\noffice,harbor,Office,physical\n",
    );
    table(
        "addresses.csv",
        "id,location_id,address_1,city,state_province,postal_code,country,address_type\n\
         a1,office,100 Light St,Baltimore,MD,21202,US,physical\n",
    );
    table("services.csv", &rows);
    table("service_at_locations.csv", &offers);
    folder
}
