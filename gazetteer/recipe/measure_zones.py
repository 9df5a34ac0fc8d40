"""Measures `Gazetteer::time_zone` against the time zone outlines of OpenStreetMap.

    pip install timezonefinder==9.0.0 numpy==2.4.6 scipy==1.17.1
    python gazetteer/recipe/measure_zones.py --cache ~/.cache/referral-gazetteer

The outlines are asked, never embedded (their licence, ODbL, differs). Points asked: every ZIP of the
Census, which the gazetteer's zones were not made from; and every tenth GeoNames place outside the
U.S. moved 5 km, because the unmoved ones are what the zones were made from. Two zones count as the
same time when their clocks agreed at noon UTC on the first day of every month of 2025.
"""

import argparse
import collections
import datetime
import math
import pathlib
import subprocess
import zoneinfo

import timezonefinder

import sources
from packages import Packages

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KM_PER_DEGREE = 111.2


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cache", type=pathlib.Path, required=True)
    packages = Packages(options.parse_args().cache)
    finder = timezonefinder.TimezoneFinder(in_memory=True)
    report("U.S. ZIP points", list(sources.census_zips(packages).values()), finder)
    report("places abroad, moved 5 km", moved(sources.cities(packages)), finder)


def moved(cities):
    points = []
    for city in [city for city in cities if "state" not in city][::10]:
        angle = math.radians(city["geonameid"] % 360)
        north = 5 * math.cos(angle) / KM_PER_DEGREE
        east = 5 * math.sin(angle) / KM_PER_DEGREE / math.cos(math.radians(city["latitude"]))
        points.append((city["latitude"] + north, city["longitude"] + east))
    return points


def report(title, points, finder) -> None:
    told = ask(points)
    true = [finder.timezone_at(lat=lat, lng=lon) for lat, lon in points]
    land = [(a, b) for a, b in zip(told, true) if b and not b.startswith("Etc/")]
    same_name = sum(a == b for a, b in land)
    same_time = sum(a == b or clock(a) == clock(b) for a, b in land)
    print(f"{title}: {len(land):,} on land, same zone {same_name / len(land):.2%}, "
          f"same time {same_time / len(land):.2%}")
    wrong = collections.Counter((a, b) for a, b in land if clock(a) != clock(b))
    for (said, is_), count in wrong.most_common(8):
        print(f"    {count:>5} said {said}, is {is_}")


def ask(points) -> list[str]:
    lines = "".join(f"{lat}\t{lon}\n" for lat, lon in points)
    command = ["cargo", "run", "--quiet", "-p", "referral-gazetteer", "--example", "zone_of"]
    done = subprocess.run(command, cwd=ROOT, input=lines, text=True, capture_output=True, check=True)
    return done.stdout.split("\n")[:-1]


def clock(zone):
    if zone == "none":
        return None
    noons = (datetime.datetime(2025, month, 1, 12, tzinfo=datetime.UTC) for month in range(1, 13))
    return [noon.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset() for noon in noons]


if __name__ == "__main__":
    main()
