"""What the Snakefile asks about the study: rows by label, owners of shared files, digests of code and settings."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from . import settings as config
from .errors import InputError


class Plan:
    """The rows that are analysed, and which variant's files serve which variant.

    Parameters
    ----------
    settings : dict
        Resolved configuration.
    rows : list of dict
        Of the sheet, excluded ones among them.
    """

    def __init__(self, settings: dict, rows: list[dict]):
        self.variants = list(settings["variants"])
        self.rows = [row for row in rows if not row["exclude"]]
        self.left_out = [row for row in rows if row["exclude"]]
        if not self.rows:
            raise InputError(f"{settings['recordings']}: every row is excluded; nothing is left to analyse")
        self._settings = settings
        self._by_recording = {(r["sub"], r["ses"], r["run"], r["site"]): r for r in self.rows}
        self._by_run: dict = {}
        for row in self.rows:
            self._by_run.setdefault((row["sub"], row["ses"], row["run"]), row)
        self.groups = list(dict.fromkeys((row["state"], row["site"]) for row in self.rows))
        self._complete = {name: config.variant(settings, name) for name in self.variants}
        self._owners = {
            (name, stretch): config.owner(settings, name, stretch)
            for name in self.variants
            for stretch in config.SECTIONS
        }

    def owner(self, variant: str, stretch: str) -> str:
        """The variant in whose folder the files of this stretch are found."""
        return self._owners[variant, stretch]

    def settings(self, variant: str, stretches) -> dict:
        """The sections that these stretches read."""
        return {k: v for s in stretches for k, v in config.stretch_settings(self._complete[variant], s).items()}

    def complete(self, variant: str) -> dict:
        """All settings of a variant, without the definitions of the variants."""
        return {k: v for k, v in self._complete[variant].items() if k != "variants"}

    def asks(self, variant: str, section: str) -> bool:
        """Whether a variant's settings ask for surrogates in this section."""
        return self._complete[variant][section]["surrogates"] > 0

    def atlas(self, variant: str, names) -> list[str]:
        """Files of the atlas by these names, as far as the config names any; `seeds` are the sites' own masks."""
        settings = self._complete[variant]
        seeds = [site["seed_mask"] for site in settings["sites"].values() if "seed_mask" in site]
        return [settings["atlas"][name] for name in names if settings["atlas"].get(name)] + ("seeds" in names) * seeds

    def row(self, wildcards) -> dict:
        """The row of a recording (with a site) or of a run (its first site)."""
        labels = dict(wildcards.items())
        key = (labels["sub"], labels["ses"], labels["run"])
        recording = "site" in labels
        found = self._by_recording.get((*key, labels["site"])) if recording else self._by_run.get(key)
        if found is None:
            raise InputError(f"the sheet has no row for {' '.join(f'{k}-{v}' for k, v in wildcards.items())}")
        return found

    def expand(self, path: str, wildcards, stretch: str) -> list[str]:
        """`path` for every recording (or run); of one state, site, animal or session where these are given."""
        variant = self.owner(wildcards["variant"], stretch)
        wanted = {k: v for k, v in wildcards.items() if k in ("state", "site", "sub", "ses")}
        rows = [row for row in self.rows if all(row[k] == v for k, v in wanted.items())]
        return list(dict.fromkeys(path.format(**{**row, "variant": variant}) for row in rows))


@cache
def code_digest(*modules: str) -> str:
    """Digest of the source of modules and of what they import from this package, at any depth.

    Snakemake does not see a change in an imported module; this number, in a rule's params, makes it run again.
    """
    package = Path(__file__).parent
    seen: dict[str, bytes] = {}

    def add(name: str) -> None:
        path = package / (name.replace(".", "/") + ".py")
        path = path if path.is_file() else package / name.replace(".", "/") / "__init__.py"
        if name in seen or not path.is_file():
            return
        seen[name] = path.read_bytes()
        inside = f"{name}.__init__" if path.name == "__init__.py" else name
        for imported in _imports(seen[name].decode("utf-8"), inside):
            add(imported)

    for module in modules:
        add(module)
    for template in sorted((package / "templates").iterdir()) if "report" in modules else ():
        seen[template.name] = template.read_bytes()
    return hashlib.sha256(b"".join(seen[name] for name in sorted(seen))).hexdigest()[:12]


def _imports(source: str, name: str):
    """Modules of this package that a module imports, relative to the package."""
    folder = name.split(".")[:-1]
    for dots, path, names in re.findall(r"^\s*from (\.+)([\w.]*) import ([^\n(]+|\([^)]*\))", source, flags=re.M):
        base = folder[: len(folder) - (len(dots) - 1)] + ([path] if path else [])
        yield ".".join(base)
        for imported in re.findall(r"(\w+)(?:\s+as\s+\w+)?", names):
            yield ".".join([*base, imported])
