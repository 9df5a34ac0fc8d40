"""Builds gazetteer/data/places.bin.zst from the pinned packages. Start at `main`; see `run`.

The same packages and the versions in requirements.txt give the same bytes: rows are sorted, nothing
depends on the clock, the machine or the order of a hash table.
"""

import argparse
import pathlib
import sys

import zstandard

import encode
import names
import sources
from packages import Packages
from shapes import label_point
from zones import condense

OUTPUT = pathlib.Path(__file__).resolve().parent.parent / "data" / "places.bin.zst"
LEVEL = 19


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cache", type=pathlib.Path, required=True)
    options.add_argument("--check", action="store_true", help="compare instead of writing")
    chosen = options.parse_args()
    payload = encode.container(sections(Packages(chosen.cache)))
    packed = zstandard.ZstdCompressor(level=LEVEL).compress(payload)
    print(f"{len(payload):,} bytes, {len(packed):,} compressed")
    if not chosen.check:
        OUTPUT.write_bytes(packed)
    elif OUTPUT.read_bytes() != packed:
        sys.exit(f"{OUTPUT.name} differs from what the recipe makes")


def sections(packages: Packages) -> dict[str, list[bytes]]:
    cities = sources.cities(packages)
    zone_names = sorted({city["timezone"] for city in cities})
    county_fips = sorted(sources.county_shapes(packages).polygons("counties"))
    places = name_rows(packages, cities)
    made = {
        "STAT": state_columns(packages),
        "CNTY": county_columns(packages, county_fips),
        "ALIA": alias_columns(packages, county_fips),
        "ARCS": arc_columns(packages),
        "RING": ring_columns(packages, county_fips),
        "NAME": name_columns(places, zone_names),
        "ZIPS": zip_columns(packages, county_fips, places),
        "CITY": city_columns(county_fips, places),
        "CTRY": country_columns(packages, cities),
        "ZONE": zone_columns(packages, cities, zone_names),
    }
    for tag, columns in made.items():
        content = b"".join(columns)
        packed = len(zstandard.ZstdCompressor(level=LEVEL).compress(content))
        print(f"{tag} {len(content):>9,} bytes, {packed:>8,} compressed")
    return made


def state_columns(packages):
    """Code, name, FIPS, label point of the 56 states and territories, by FIPS."""
    topology = sources.county_shapes(packages)
    shapes = topology.polygons("states")
    points = [label_point(_corners(topology, shapes[fips])) for fips in sorted(names.STATES)]
    return [
        encode.strings(names.STATES[fips][0] for fips in sorted(names.STATES)),
        encode.strings(names.STATES[fips][1] for fips in sorted(names.STATES)),
        encode.differences(int(fips) for fips in sorted(names.STATES)),
        *_points(points),
    ]


def county_columns(packages, county_fips):
    """FIPS, full name, residents, label point, by FIPS."""
    topology = sources.county_shapes(packages)
    shapes = topology.polygons("counties")
    full = sources.county_names(packages)
    people = sources.county_people(packages)
    points = [label_point(_corners(topology, shapes[fips])) for fips in county_fips]
    return [
        encode.differences(int(fips) for fips in county_fips),
        encode.strings(full[fips] for fips in county_fips),
        encode.unsigned(people[fips] for fips in county_fips),
        *_points(points),
    ]


def alias_columns(packages, county_fips):
    """Other county codes -> counties with their share of the people, in 255ths, largest first."""
    rows = {alias: {county: 1.0} for alias, county in names.RETIRED_COUNTIES.items()}
    rows |= planning_regions(packages)
    index = {fips: row for row, fips in enumerate(county_fips)}
    shares = [(alias, _in_255ths(rows[alias])) for alias in sorted(rows)]
    return [
        encode.differences(int(alias) for alias, _ in shares),
        encode.unsigned(len(parts) for _, parts in shares),
        encode.unsigned(index[county] for _, parts in shares for county, _ in parts),
        encode.unsigned(weight for _, parts in shares for _, weight in parts),
    ]


def planning_regions(packages) -> dict[str, dict[str, float]]:
    """Connecticut's planning regions spread over its counties, by the people of the ZIPs in both."""
    shares = sources.zip_counties(packages)
    people = sources.zip_people(packages)
    regions = {}
    for code, row in sorted(sources.postal_zips(packages).items()):
        if row["state"] == "CT" and int(row["county"]) >= 110 and code in shares:
            region = regions.setdefault("09" + row["county"], {})
            for county, share in shares[code].items():
                region[county] = region.get(county, 0.0) + share * people.get(code, 0)
    return {
        region: {county: part / sum(parts.values()) for county, part in parts.items() if part > 0}
        for region, parts in regions.items()
    }


def arc_columns(packages):
    """The grid (scale and offset in 1e-15 degrees), then corners per arc and their steps."""
    topology = sources.county_shapes(packages)
    steps = [step for arc in topology.steps for step in arc]
    return [
        encode.signed(round(value * 1e15) for value in topology.scale + topology.translate),
        encode.unsigned(len(arc) for arc in topology.steps),
        encode.signed(x for x, _ in steps),
        encode.signed(y for _, y in steps),
    ]


def ring_columns(packages, county_fips):
    """Polygons per county, rings per polygon, arcs per ring, arc numbers (`~n` is backwards)."""
    shapes = sources.county_shapes(packages).polygons("counties")
    polygons = [polygon for fips in county_fips for polygon in shapes[fips]]
    rings = [ring for polygon in polygons for ring in polygon]
    return [
        encode.unsigned(len(shapes[fips]) for fips in county_fips),
        encode.unsigned(len(polygon) for polygon in polygons),
        encode.unsigned(len(ring) for ring in rings),
        encode.differences(arc for ring in rings for arc in ring),
    ]


def name_rows(packages, cities):
    """Places with their point, then postal names that are no place: (state, name, city or None)."""
    places = [city for city in cities if "state" in city]
    places.sort(key=lambda city: (city["state"], city["name"], city["geonameid"]))
    known = {(city["state"], sources.name_key(city["name"])) for city in places}
    postal = {}
    for row in sources.postal_zips(packages).values():
        key = (row["state"], sources.name_key(row["place"]))
        if key not in known:
            postal[key] = min(row["place"], postal.get(key, row["place"]))
    rows = [(city["state"], city["name"], city) for city in places]
    return rows + [(state, postal[state, key], None) for state, key in sorted(postal)]


def name_columns(rows, zone_names):
    """State, name of all; then of the places alone: point, residents, time zone."""
    codes = _state_rows()
    places = [city for _, _, city in rows if city]
    zones = {zone: row for row, zone in enumerate(zone_names)}
    return [
        encode.differences(codes[state] for state, _, _ in rows),
        encode.strings(name for _, name, _ in rows),
        *_points([(city["latitude"], city["longitude"]) for city in places]),
        encode.unsigned(city["population"] for city in places),
        encode.differences(zones[city["timezone"]] for city in places),
    ]


def zip_columns(packages, county_fips, rows):
    """ZIP, state, point, residents, name (0: none), Census point or not, counties and weights."""
    census = sources.census_zips(packages)
    postal = sources.postal_zips(packages)
    shares = sources.zip_counties(packages)
    people = sources.zip_people(packages)
    index = {fips: row for row, fips in enumerate(county_fips)}
    named = _name_numbers(rows)
    codes = _state_rows()
    zips = sorted(census.keys() | postal.keys())
    found = {code: census.get(code) or postal[code]["at"] for code in zips}
    parts = {code: _in_255ths(shares[code]) if code in shares else [] for code in zips}
    place = {
        code: named[row["state"], sources.name_key(row["place"])] + 1
        for code, row in postal.items()
    }
    state = {code: zip_state(code, postal, parts) for code in zips}
    return [
        encode.differences(int(code) for code in zips),
        encode.differences(codes[state[code]] for code in zips),
        *_points([found[code] for code in zips]),
        encode.unsigned(people.get(code, 0) for code in zips),
        encode.differences(place.get(code, 0) for code in zips),
        encode.unsigned(int(code in census) for code in zips),
        encode.unsigned(len(parts[code]) for code in zips),
        encode.differences(index[county] for code in zips for county, _ in parts[code]),
        encode.unsigned(weight for code in zips for _, weight in parts[code]),
    ]


def zip_state(code, postal, parts) -> str:
    """GeoNames' state, else that of the main county, else of the territories' ZIP ranges."""
    if code in postal:
        return postal[code]["state"]
    if parts[code]:
        return sources.STATE_OF_FIPS[parts[code][0][0][:2]]
    for prefixes, state in (
        (("006", "007", "009"), "PR"),
        (("008",), "VI"),
        (("96799",), "AS"),
        (("9695",), "MP"),
        (("969",), "GU"),
    ):
        if code.startswith(prefixes):
            return state
    sys.exit(f"ZIP {code} has no state")


def city_columns(county_fips, rows):
    """Cities whose counties are written down: name number, counties."""
    index = {fips: row for row, fips in enumerate(county_fips)}
    named = _name_numbers(rows)
    cities = sorted(
        (named[state, sources.name_key(name)], counties)
        for (state, name), counties in names.CITY_COUNTIES.items()
    )
    return [
        encode.differences(number for number, _ in cities),
        encode.unsigned(len(counties) for _, counties in cities),
        encode.unsigned(index[county] for _, counties in cities for county in counties),
    ]


def country_columns(packages, cities):
    """ISO codes, English name, other names (tab between), label point, by alpha-2 code."""
    topology = sources.country_shapes(packages)
    shapes = topology.polygons("countries")
    rows = sources.countries(packages)
    points = []
    for row in rows:
        arcs = shapes.get(f"{row['isonumeric']:03}")
        points.append(
            label_point(_corners(topology, arcs)) if arcs else _capital(row, cities)
        )
    return [
        encode.strings(row["iso"] for row in rows),
        encode.strings(row["iso3"] for row in rows),
        encode.unsigned(row["isonumeric"] for row in rows),
        encode.strings(row["name"].strip() for row in rows),
        encode.strings("\t".join(names.COUNTRY_ALIASES.get(row["iso"], [])) for row in rows),
        *_points(points),
    ]


def zone_columns(packages, cities, zone_names):
    """Zone names; labels (country row, zone); points in 1e-2 degrees with their label."""
    country_row = {row["iso"]: number for number, row in enumerate(sources.countries(packages))}
    zones = {zone: row for row, zone in enumerate(zone_names)}
    label_of = []
    for city in cities:
        country = "US" if "state" in city else city["countrycode"]
        label_of.append((country_row[country], zones[city["timezone"]]))
    labels = {label: row for row, label in enumerate(sorted(set(label_of)))}
    lat = [round(city["latitude"] * 100) for city in cities]
    lon = [round(city["longitude"] * 100) for city in cities]
    kept = condense(
        [value / 100 for value in lat],
        [value / 100 for value in lon],
        [labels[label] for label in label_of],
        [city["population"] for city in cities],
    )
    kept.sort(key=lambda row: (labels[label_of[row]], lat[row], lon[row]))
    print(f"{len(kept):,} points tell country and zone of {len(cities):,} places")
    return [
        encode.strings(zone_names),
        encode.differences(country for country, _ in sorted(labels)),
        encode.differences(zone for _, zone in sorted(labels)),
        encode.differences(labels[label_of[row]] for row in kept),
        encode.differences(lat[row] for row in kept),
        encode.differences(lon[row] for row in kept),
    ]


def _corners(topology, polygons):
    return [[topology.ring(ring) for ring in polygon] for polygon in polygons]


def _capital(country, cities):
    for city in cities:
        if city["countrycode"] == country["iso"] and city["name"] == country["capital"]:
            return city["latitude"], city["longitude"]
    return names.COUNTRY_POINTS[country["iso"]]


def _points(points) -> list[bytes]:
    return [
        encode.differences(encode.degrees(lat for lat, _ in points)),
        encode.differences(encode.degrees(lon for _, lon in points)),
    ]


def _state_rows() -> dict[str, int]:
    return {names.STATES[fips][0]: row for row, fips in enumerate(sorted(names.STATES))}


def _name_numbers(rows) -> dict[tuple[str, str], int]:
    """(state, name key) -> row; of several places the one with most residents."""
    numbers = {}
    for number, (state, name, city) in enumerate(rows):
        key = (state, sources.name_key(name))
        other = rows[numbers[key]][2] if key in numbers else None
        if key not in numbers or (city and other and city["population"] > other["population"]):
            numbers[key] = number
    return numbers


def _in_255ths(shares: dict[str, float]) -> list[tuple[str, int]]:
    """Shares as whole 255ths, largest first, each at least 1, summing to 255 (largest remainder)."""
    total = sum(shares.values())
    exact = {key: share / total * 255 for key, share in shares.items() if share > 0}
    whole = {key: max(1, int(value)) for key, value in exact.items()}
    by_remainder = sorted(exact, key=lambda key: (whole[key] - exact[key], key))
    for key in by_remainder[: max(0, 255 - sum(whole.values()))]:
        whole[key] += 1
    while sum(whole.values()) > 255:
        largest = max(whole, key=lambda key: (whole[key], key))
        whole[largest] -= 1
    return sorted(whole.items(), key=lambda part: (-part[1], part[0]))


if __name__ == "__main__":
    main()
