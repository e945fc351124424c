"""Random pairs of a match spec and a package record, the same for the same seed.

Most specs are made from their record, so that about half of them match; versions come from a list of real ones.
"""

import random
from pathlib import Path

NAMES = ["numpy", "python", "libcurl", "_openmp_mutex", "r-base", "ca-certificates", "py", "backports.zoneinfo"]
BUILDS = ["py27_0", "py312h1234567_0", "0", "h2f8d375_1000", "np111py39_1", "cpu_generic", "cuda120py310_2", "main"]
SUBDIRS = ["noarch", "linux-64", "osx-arm64", "win-64"]
LICENSES = [None, "MIT", "BSD-3-Clause", "GPL-3.0-or-later", "mit"]
OPERATORS = ["", "==", "!=", "<", "<=", ">", ">=", "~=", "="]
VERSIONS = Path(__file__).parents[1] / "CondaTypesTests" / "Data" / "version-order.txt"


class Questions:
    """Makes pairs; `kind` of a question says which part of the language it is about."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        lines = VERSIONS.read_text().splitlines()
        self.versions = [line[2:] for line in lines if line[2:].islower() or not any(map(str.isalpha, line))]

    def pair(self) -> tuple[str, dict]:
        record = self.record()
        return self.spec(record), record

    def record(self) -> dict:
        pick = self.random
        digits = lambda length: "".join(pick.choices("0123456789abcdef", k=length))
        return {
            "name": pick.choice(NAMES), "version": self.version(), "build": pick.choice(BUILDS),
            "build_number": pick.choice([0, 1, 2, 3, 10, 1000]), "subdir": pick.choice(SUBDIRS),
            "license": pick.choice(LICENSES), "md5": digits(32), "sha256": digits(64),
        }

    def version(self) -> str:
        if self.random.random() < 0.5:
            return self.random.choice(self.versions)
        parts = [str(self.random.choice([0, 1, 2, 10])) for _ in range(self.random.randint(1, 4))]
        if self.random.random() < 0.3:
            parts[-1] += self.random.choice(["a", "a1", "rc1", "dev", "post1", "dev0", "b"])
        text = self.random.choice([".", ".", ".", "_"]).join(parts)
        return self.random.choice(["", "", "", "", "1!"]) + text + self.random.choice(["", "", "", "", "", "+ab.1"])

    def near(self, version: str) -> str:
        """A version that has something to do with this one: itself, cut, longer, or changed in one digit."""
        pick = self.random
        choice = pick.randrange(6)
        parts = version.split(".")
        if choice == 0:
            return self.version()
        if choice == 1 and len(parts) > 1:
            return ".".join(parts[: pick.randint(1, len(parts) - 1)])
        if choice == 2:
            return version + pick.choice([".0", ".1", "a", "rc1", ".0.0"])
        if choice == 3:
            places = [place for place, character in enumerate(version) if character.isdigit()]
            if places:
                place = pick.choice(places)
                return version[:place] + pick.choice("0129") + version[place + 1 :]
        return version

    def clause(self, version: str) -> str:
        pick = self.random
        operator, literal = pick.choice(OPERATORS), self.near(version)
        if operator in ("", "=", "!=", "==") and pick.random() < 0.4:
            literal += pick.choice([".*", ".*", "*"])
        elif operator in ("<", "<=", ">=", ">") and pick.random() < 0.05:
            literal += ".*"
        return operator + literal

    def version_spec(self, version: str) -> str:
        pick = self.random
        if pick.random() < 0.05:
            return "*"
        clauses = [self.clause(version) for _ in range(pick.choice([1, 1, 1, 2, 2, 3, 4]))]
        text = clauses[0]
        for clause in clauses[1:]:
            text += pick.choice([",", ",", "|", "|", ", ", " | "]) + clause
        if len(clauses) > 2 and pick.random() < 0.5:
            text = f"({clauses[0]}|{clauses[1]}),{clauses[2]}"
        return text

    def build(self, build: str) -> str:
        pick = self.random
        if pick.random() < 0.25:
            build = pick.choice(BUILDS)
        cut = pick.randint(0, len(build))
        return pick.choice([build, build, "*", build[:cut] + "*", "*" + build[cut:], build[:cut] + "*" + build[-1:], f"^{build[:cut]}.*$"])

    def spec(self, record: dict) -> str:
        pick = self.random
        name = record["name"] if pick.random() < 0.95 else pick.choice(NAMES)
        name = pick.choice([name] * 18 + [name.upper(), name[:2] + "*", f"^{name[:2]}.*$"])
        exact = self.near(record["version"])
        wanted, build = self.version_spec(record["version"]), self.build(record["build"])
        forms = [
            name, f"{name} {wanted}", f"{name} {wanted}", f"{name} {wanted} {build}", f"{name}{wanted}" if wanted[0] in "=<>!~" else f"{name} {wanted}",
            f"{name}={exact}", f"{name}=={exact}", f"{name} ={exact}", f"{name} {exact}", f"{name}={exact}.*",
            f"{name} {exact}.*", f"{name} ={exact} {build}", f"{name} {exact} {build}", f"{name}={exact}={build}",
            f"{name}=={exact}={build}", f"{name}={exact}=*", f"{name} =={exact} *", f"{name} =={exact}.* *",
        ]
        channel = pick.choice([""] * 16 + ["conda-forge::", "https://host.example/a/b::", "conda-forge:ns:", "conda-forge/linux-64::"])
        return channel + pick.choice(forms) + self.brackets(record)

    def brackets(self, record: dict) -> str:
        pick = self.random
        if pick.random() < 0.6:
            return ""
        number = record["build_number"]
        flip = lambda text: text if pick.random() < 0.8 else text[:-1] + pick.choice("0123456789abcdef")
        every = {
            "version": f"'{self.version_spec(record['version'])}'",
            "build": f'"{self.build(record["build"])}"',
            "build_number": f"'{pick.choice(['', '>=', '<=', '>', '<', '!=', '=='])}{pick.choice([number, number, 1, 2])}'",
            "md5": flip(record["md5"]), "sha256": flip(record["sha256"]),
            "license": pick.choice([record["license"] or "MIT", "MIT"]),
            "subdir": record["subdir"] if pick.random() < 0.9 else pick.choice(SUBDIRS),
        }
        keys = pick.sample(sorted(every), pick.choice([1, 1, 2, 3]))
        return "[" + pick.choice([",", ", "]).join(f"{key}={every[key]}" for key in keys) + "]"
