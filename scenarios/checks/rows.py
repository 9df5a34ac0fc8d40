"""Proves that rows in = found + named, without the importer's own counters.

Reads the publishers' files with Python's csv module, asks the directory for every service by its name, near
its place and by its need, and looks up what was not found in the import reports. Prints one line a set and
exits 1 when a row is neither found nor named.

    python3 rows.py --program directory-server --server URL --reports DIR BALTIMORE FLORIDA HSDS
"""

import argparse
import csv
import json
import pathlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

csv.field_size_limit(10_000_000)


def rows(path):
    """Every row as a dict; under None the file's name and the line the row begins on."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        header = next(reader)
        found, begins = [], reader.line_num + 1
        for cells in reader:
            if cells:
                row = dict(zip(header, cells))
                row[None] = (path.name, str(begins))
                found.append(row)
            begins = reader.line_num + 1
        return found


class Directory:
    def __init__(self, program, server):
        self.base = [program, "search", "--json", "--server", server, "--availability", "any", "--limit", "200"]

    def search(self, *arguments):
        done = subprocess.run([*self.base, *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"search failed: {arguments}: {done.stderr}")
        return json.loads(done.stdout)["results"]


def mine(results, agency, source_id):
    return next((r for r in results if r["agencyId"] == agency and r["sourceId"] == source_id), None)


def squeezed(name):
    return " ".join(name.split())


def check(directory, agency, report, wanted):
    """wanted: (id, name, place or None, where it stands). Returns what is neither found nor named, and the counts."""
    issues = [row for part in ("refused", "withheld") for row in report[part]]
    named = {row["id"] for row in issues if row["id"]} | {(row["file"], row["row"]) for row in issues}
    lost, counts = [], {"found": 0, "near": 0, "need": 0, "named": 0}

    def one(service):
        source_id, name, place, where = service
        result = mine(directory.search("--text", squeezed(name)[:250]), agency, source_id)
        if result is None:
            return "named" if source_id in named or where in named else f"{source_id}: not found by name and not named"
        done = {"found"}
        needs = [a["code"] for a in result["attributes"] if is_need(a["code"])]
        narrowed = ["--text", squeezed(name)[:250]]
        if needs:
            narrowed += ["--need", needs[0]]
            done.add("need")
        if place and result.get("location") and not result["location"]["confidential"]:
            narrowed += ["--near", place, "--radius-mi", "30"]
            done.add("near")
        if len(narrowed) > 2 and mine(directory.search(*narrowed), agency, source_id) is None:
            return f"{source_id}: found by name, not with {narrowed[2:]}"
        return done

    with ThreadPoolExecutor(4) as pool:
        for answer in pool.map(one, wanted):
            if isinstance(answer, set):
                for what in answer:
                    counts[what] += 1
            elif answer == "named":
                counts["named"] += 1
            else:
                lost.append(answer)
    return lost, counts


NEEDS = {"dom", "lc", "mh", "ho", "vo", "rr", "cm", "da"}
TERMS = {"vo:pre", "vo:post", "vo:any", "vo:fund", "ho:noid", "ho:unit", "ho:stay", "ho:spon", "rr:coo", "rr:mode",
         "rr:lead", "rr:post", "cm:mon", "cm:ratio", "cm:indep", "da:cap", "da:until"}


def is_need(code):
    return code.startswith("x-") or (code.split(":")[0] in NEEDS and code not in TERMS)


def baltimore(folder):
    addresses = {a["location_id"]: a for a in rows(folder / "addresses.csv")}
    points = {l["id"]: (l["latitude"], l["longitude"]) for l in rows(folder / "locations.csv")}
    for service in rows(folder / "services.csv"):
        at = service["location_id"]
        lat, lon = points.get(at, ("", ""))
        address = addresses.get(at, {})
        place = f"{lat},{lon}" if lat and lon else (address.get("postal_code") or None)
        yield service["id"], service["name"], place, service[None]


def florida(folder):
    for service in rows(folder / "services.csv"):
        counties = [c.strip() for c in service["service_areas"].split(";") if c.strip()]
        place = f"{counties[0]} County, FL" if counties else None
        yield service["service_uuid"], service["service_name"], place, service[None]


def hsds(folder):
    service = json.loads((folder / "examples/service_full.json").read_text(encoding="utf-8"))
    yield service["id"], service["name"], None, None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--reports", required=True, type=pathlib.Path)
    parser.add_argument("folders", nargs=3, type=pathlib.Path)
    arguments = parser.parse_args()
    directory = Directory(arguments.program, arguments.server)
    sets = [("baltimore", baltimore, 0), ("florida", florida, 1), ("hsds-json", hsds, 2), ("hsds-tabular", hsds, 2)]
    failed = False
    for agency, read, folder in sets:
        report = json.loads((arguments.reports / f"{agency}.json").read_text(encoding="utf-8"))
        for part in ("refused", "withheld", "repaired"):
            unnamed = [row for row in report[part] if not (row["file"] and row["reason"])]
            if unnamed:
                failed = True
                print(f"{agency}: {len(unnamed)} {part} rows without file or reason", file=sys.stderr)
        wanted = list(read(arguments.folders[folder]))
        lost, counts = check(directory, agency, report, wanted)
        print(f"{agency}: {len(wanted)} rows in = {counts['found']} found + {counts['named']} named"
              f" ({counts['near']} also near their place, {counts['need']} also by their need)")
        for line in lost:
            failed = True
            print(f"{agency}: {line}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
