"""Measures the crate against sources it is not made from, and prints the figures of the crate docs.

    python3 -m venv /tmp/measure
    /tmp/measure/bin/pip install -r gazetteer/recipe/measure-requirements.txt
    /tmp/measure/bin/python -B gazetteer/recipe/measure.py --cache ~/.cache/referral-gazetteer

- Time zones against the outlines of OpenStreetMap, which are asked, never embedded (their licence,
  ODbL, differs): at every ZIP of the Census, and at every tenth GeoNames place outside the U.S. moved
  5 km, because the unmoved ones are what the zones were made from. Two zones are the same time when
  their clocks agreed at noon UTC on the first day of every month of 2025.
- Counties against the Census outlines at 1:500,000: at every ZIP of the Census.
- GeoNames' ZIP points against the Census's, where both have one.
"""

import argparse
import collections
import datetime
import io
import math
import pathlib
import statistics
import subprocess
import zoneinfo

import numpy
import shapefile
import timezonefinder

import sources
from packages import Packages

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KM_PER_DEGREE = 111.195


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cache", type=pathlib.Path, required=True)
    packages = Packages(options.parse_args().cache)
    census = sources.census_zips(packages)
    points = list(census.values())
    answers = ask(points)
    report_counties(packages, points, [county for county, _ in answers])
    finder = timezonefinder.TimezoneFinder(in_memory=True)
    report_zones("U.S. ZIP points", points, [zone for _, zone in answers], finder)
    abroad = moved(sources.cities(packages))
    report_zones("places abroad, moved 5 km", abroad, [zone for _, zone in ask(abroad)], finder)
    report_points(census, sources.postal_zips(packages))


def ask(points) -> list[list[str]]:
    """County and time zone of each point, by the crate."""
    lines = "".join(f"{lat}\t{lon}\n" for lat, lon in points)
    command = ["cargo", "run", "--quiet", "-p", "referral-gazetteer", "--example", "where_is"]
    done = subprocess.run(command, cwd=ROOT, input=lines, text=True, stdout=subprocess.PIPE, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def report_counties(packages, points, told) -> None:
    true = finer_counties(packages, points)
    differ = [(a, b) for a, b in zip(told, true) if a != b and b != "-"]
    water = sum(a == "-" for a in told)
    print(f"counties: {len(points):,} ZIP points, {len(differ)} in another county than at 1:500,000 "
          f"({len(differ) / len(points):.2%}); {water} in none, {true.count('-')} there")


def finer_counties(packages, points) -> list[str]:
    path = "_plotly_geo/package_data/cb_2016_us_county_500k"
    parts = {ext: io.BytesIO(packages.read_bytes("plotly-geo", f"{path}.{ext}")) for ext in ("shp", "dbf")}
    lat, lon = numpy.array(points).T
    found = numpy.full(len(points), "-----")
    for row in shapefile.Reader(**parts).iterShapeRecords():
        left, bottom, right, top = row.shape.bbox
        near = numpy.flatnonzero((lon >= left) & (lon <= right) & (lat >= bottom) & (lat <= top))
        inside = numpy.zeros(len(near), bool)
        bounds = [*row.shape.parts, len(row.shape.points)]
        for first, end in zip(bounds, bounds[1:]):
            corners = numpy.array(row.shape.points[first:end])
            (x1, y1), (x2, y2) = corners[:-1].T, corners[1:].T
            x, y = lon[near, None], lat[near, None]
            with numpy.errstate(divide="ignore", invalid="ignore"):
                left_of = x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
            inside ^= ((((y1 > y) != (y2 > y)) & left_of).sum(axis=1) % 2).astype(bool)
        found[near[inside]] = row.record["GEOID"]
    return ["-" if county == "-----" else str(county) for county in found]


def moved(cities):
    points = []
    for city in [city for city in cities if "state" not in city][::10]:
        angle = math.radians(city["geonameid"] % 360)
        north = 5 * math.cos(angle) / KM_PER_DEGREE
        east = 5 * math.sin(angle) / KM_PER_DEGREE / math.cos(math.radians(city["latitude"]))
        points.append((city["latitude"] + north, city["longitude"] + east))
    return points


def report_zones(title, points, told, finder) -> None:
    true = [finder.timezone_at(lat=lat, lng=lon) for lat, lon in points]
    land = [(a, b) for a, b in zip(told, true) if b and not b.startswith("Etc/")]
    same_name = sum(a == b for a, b in land)
    wrong = collections.Counter((a, b) for a, b in land if a != b and clock(a) != clock(b))
    same_time = len(land) - wrong.total()
    print(f"zones: {title}: {len(land):,} on land, same zone {same_name / len(land):.2%}, "
          f"same time {same_time / len(land):.2%}")
    for (said, is_), count in wrong.most_common(4):
        print(f"    {count:>5} said {said}, is {is_}")


def clock(zone):
    if zone == "-":
        return None
    noons = (datetime.datetime(2025, month, 1, 12, tzinfo=datetime.UTC) for month in range(1, 13))
    return [noon.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset() for noon in noons]


def report_points(census, postal) -> None:
    both = sorted(census.keys() & postal.keys())
    apart = sorted(distance(census[code], postal[code]["at"]) for code in both)
    cuts = statistics.quantiles(apart, n=100)
    print(f"points: {len(both):,} ZIPs of both, GeoNames from Census: median {cuts[49]:.1f} km, "
          f"p90 {cuts[89]:.1f}, p99 {cuts[98]:.0f}, max {apart[-1]:.0f}")


def distance(one, other) -> float:
    (lat1, lon1), (lat2, lon2) = (map(math.radians, point) for point in (one, other))
    a = math.sin((lat2 - lat1) / 2) ** 2
    a += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(a))


if __name__ == "__main__":
    main()
