"""How a file came to be: from its sidecar back to the raw recordings, and the command that makes it again."""

from __future__ import annotations

import os
import shlex
import textwrap
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from . import compare, specification
from ..derivatives import files as io
from ..derivatives import layout
from ..workflow import provenance
from ..errors import InputError

WIDTH, MOST_INPUTS = 116, 6  # files of a folder that are named one by one
# By rule provenance, without sidecars.
MADE_TOGETHER = [record.path.removeprefix("<results>/") for record in layout.of_rule("provenance").values()]


@dataclass(frozen=True)
class Origin:
    """One file: what its sidecar says of it, and the origins of what it was made from."""

    name: str  # relative to the results folder, or to that of the sheet
    info: dict = field(default_factory=dict)  # empty for files that were not made here
    sources: tuple = ()
    note: str = ""  # such as `no longer there`

    @property
    def made_by(self) -> tuple[str, str]:
        return self.info.get("Rule", ""), self.info.get("Variant", "")


class Tree:
    """Sidecars of one results folder, each read once.

    Parameters
    ----------
    root : path
        Results folder.
    """

    def __init__(self, root):
        self.root = Path(root).resolve()
        self.settings = compare.settings_of(self.root)
        described = self.root / "dataset_description.json"
        links = io.read_json(described).get("DatasetLinks", {}) if described.is_file() else {}
        recordings = self.settings.get("recordings")
        study = self.root / links["raw"] if "raw" in links else recordings and provenance.study_of(self.settings)
        self.places = provenance.Places(self.root, study or None)
        self._known: dict[str, Origin] = {}

    def origin(self, path, told: str | None = None) -> Origin:
        """The origin of a file; `told` is the digest that the sidecar of what was made from it holds."""
        name = self.places.name(path)
        if name not in self._known:
            self._known[name] = self._read(Path(path), name)
        found = self._known[name]
        if told and not found.note and self._digest(Path(path), name) != told:
            return Origin(found.name, found.info, found.sources, "has changed since")
        return found

    def _digest(self, path: Path, name: str) -> str:
        return provenance.fingerprint(path, made_here=name.startswith(provenance.HERE))

    def _read(self, path: Path, name: str) -> Origin:
        shown = name.removeprefix(provenance.HERE).removeprefix(provenance.RAW)
        if not path.exists():
            return Origin(shown, note="no longer there")
        info = sidecar(path) if name.startswith(provenance.HERE) else {}
        info = info or ({"Rule": "provenance"} if name.removeprefix(provenance.HERE) in MADE_TOGETHER else {})
        digests = info.get("SourceDigests", {})
        sources = [self.origin(self.places.find(source), digests.get(source)) for source in info.get("Sources", [])]
        return Origin(shown, info, tuple(sources))

    def raw(self, origin: Origin) -> dict[str, dict]:
        """Fingerprints of the raw files that a file rests on, by name."""
        found, seen, left = {}, set(), [origin]
        while left:
            one = left.pop()
            if one.name not in seen:
                seen.add(one.name)
                left += one.sources
                found |= {self._plain(entry["Path"]): entry for entry in one.info.get("RawFiles", [])}
        return dict(sorted(found.items()))

    def _plain(self, name: str) -> str:
        return self.places.name(self.places.find(name)).removeprefix(provenance.RAW)

    def command(self, path) -> str:
        """What makes a file again, in a shell."""
        inside = Path(path).resolve().relative_to(self.root)
        given = Path(self.settings.get("results") or self.root)
        # Snakemake knows the file by the path that `results` has in the folder in which it works.
        levels = len(given.parts) if not given.is_absolute() else 1
        folder = self.root.parents[levels - 1] if levels <= len(self.root.parents) else self.root.parent
        if given.is_absolute() or folder / given != self.root:
            folder, given = self.root.parent, self.root
        snakefile = Path(__file__).resolve().parents[3] / "Snakefile"
        parts = ["snakemake", "--cores", "1", "--force", "--directory", str(folder)]
        parts += ["--snakefile", str(snakefile)] if snakefile.is_file() else []
        parts += ["--configfile", str(self.root / "config.resolved.yaml")]
        moved = str(given) != str(self.settings.get("results"))
        parts += ["--config", f"results={given}", "--"] if moved else ["--"]
        return shlex.join([*parts, (given / inside).as_posix()])


def sidecar(path) -> dict:
    """What the sidecar of a file says; empty where there is none, or where it is no sidecar of this package."""
    path = Path(path)
    told = path if path.suffix == ".json" else io.sidecar_path(path)
    content = io.read_json(told) if told.is_file() else {}
    return content if isinstance(content, dict) and "Sources" in content else {}


def results_of(path) -> Path | None:
    """The results folder that a file stands in; None outside of one."""
    for folder in Path(os.path.abspath(path)).parents:  # noqa: PTH100 (links inside a study are kept)
        if (folder / "dataset_description.json").is_file() and (folder / "config.resolved.yaml").is_file():
            return folder
    return None


def explain(path, *, results=None, everything: bool = False) -> list[str]:
    """Lines that tell how a file came to be; of a raw recording, what came of it.

    Parameters
    ----------
    path : path
        Any file of a results folder, or a raw file.
    results : path, optional
        The results folder; found from the file where it stands in one, else `results`.
    everything : bool
        Name every source; else one of each kind stands for all.

    Raises
    ------
    InputError
        Where there is no such file, or nothing tells its origin.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path}: there is no such file; give the path of one of the results, or of a raw recording")
    root = Path(results) if results else results_of(path) or Path("results")
    if not root.is_dir():
        raise InputError(f"{path}: lies in no finished results folder; name the folder: --results RESULTS")
    tree = Tree(root)
    if not path.resolve().is_relative_to(tree.root):
        return downstream_of(tree, path)
    origin = tree.origin(path.resolve())
    if "Sources" not in origin.info:
        return _without_sidecar(tree, path)
    lines, told = [], set()
    _tell(origin, "", told, lines, everything)
    raw = tree.raw(origin)
    if raw:
        lines += ["", "Raw recordings (SHA-256)"]
        lines += [f"  {entry['SHA256'][:16]}…  {entry['Bytes']:>12,} bytes  {name}" for name, entry in raw.items()]
    made = {entry["Name"]: entry.get("Version", "") for entry in origin.info.get("GeneratedBy", [])}
    with_what = f"Made with {', '.join(f'{name} {version}' for name, version in made.items())}"
    lines += ["", *textwrap.wrap(with_what, WIDTH, subsequent_indent="  ")]
    return [*lines, "", "To reproduce:", f"  {tree.command(path)}"]


def _without_sidecar(tree: Tree, path: Path) -> list[str]:
    inside = path.resolve().relative_to(tree.root)
    if inside.as_posix() in MADE_TOGETHER:
        return [
            f"{inside}  ← rule provenance, from the settings and the raw files of all recordings",
            "",
            "To reproduce:",
            f"  {tree.command(path)}",
        ]
    if inside.parts[0] in ("logs", "benchmarks"):
        raise InputError(f"{path}: logs and benchmarks describe a run and are no results; give a result")
    raise InputError(f"{path}: has no sidecar that records its origin; give a table, map, series or figure")


def _tell(origin: Origin, indent: str, told: set, lines: list, everything: bool) -> None:
    """One file, its settings where they are new, and below it what it was made from."""
    rule, variant = origin.made_by
    made = f"  ← rule {rule}{f', variant {variant}' if variant else ''}" if rule else "  ← input"
    again = origin.made_by in told and bool(rule)
    notes = [note for note in (origin.note, "as above" if again else "") if note]
    lines.append(f"{indent}{origin.name}{made}" + (f"  ({'; '.join(notes)})" if notes else ""))
    excluded = origin.info.get("Excluded")
    if excluded:
        lines.append(f"{indent}    excluded at {excluded['Step']}: {excluded['Reason']}")
    if "Sources" not in origin.info or again:
        return
    told.add(origin.made_by)
    code, settings = origin.info.get("CodeDigest"), origin.info.get("Settings")
    lines.append(f"{indent}    code {code or 'not recorded'}, settings {origin.info.get('SettingsHash', '')}")
    if "Function" in origin.info:
        lines.append(f"{indent}    computed by {origin.info['Function']}")
    for text in _settings(settings or {}):
        lines += textwrap.wrap(text, WIDTH, initial_indent=f"{indent}    ", subsequent_indent=f"{indent}      ")
    for alike in _alike(origin.sources):
        shown = alike if everything else alike[:1]
        for source in shown:
            _tell(source, f"{indent}  ", told, lines, everything)
        others = len(alike) - len(shown)
        if others:
            lines.append(f"{indent}  … and {others} more like it")


def _alike(sources) -> list[list[Origin]]:
    """Sources of one kind together: the same rule and variant, and the same name but for its labels."""
    kinds: dict[tuple, list] = {}
    folders = Counter(_folder(source) for source in sources if not source.info)
    for source in sources:
        labels = Path(source.name).name.split("_")
        kind = "_".join(
            part for part in labels if part.split("-")[0] not in ("sub", "ses", "run", "acq", "state", "site")
        )
        if not source.info:  # an input: of its own kind, unless it is one of many files of a recording
            kind = _folder(source) if folders[_folder(source)] > MOST_INPUTS else source.name
        kinds.setdefault((*source.made_by, kind, source.note), []).append(source)
    return list(kinds.values())


def _folder(source: Origin) -> str:
    """Folder and suffix of a file."""
    return f"{PurePath(source.name).parent}/*{PurePath(source.name).suffix}"


def _settings(settings: dict):
    """One line per section: `bold: fwhm_mm 0.75, detrend linear`."""
    for section, values in settings.items():
        inside = values if isinstance(values, dict) else {"": values}
        yield f"{section}: {', '.join(f'{key} {specification.level(value)}'.strip() for key, value in inside.items())}"


def downstream_of(tree: Tree, path: Path) -> list[str]:
    """What came of a raw file: the results that rest on it, by rule, nearest first."""
    made: dict[str, list[tuple[str, dict]]] = {}  # by the name of a source
    for told in sorted(tree.root.rglob("*.json")):
        info = {} if told.relative_to(tree.root).parts[0] in ("logs", "benchmarks") else sidecar(told)
        for source in info.get("Sources", []):
            made.setdefault(tree.places.name(tree.places.find(source)), []).append((str(told), info))
    sidecars = {name: str(io.sidecar_path(tree.places.find(name))) for name in made}
    found: dict[tuple, set] = {}
    seen, left = set(), [tree.places.name(path)]
    while left:
        for told, info in made.get(left.pop(0), []):
            if told not in seen:
                seen.add(told)
                found.setdefault((info["Rule"], info["Variant"]), set()).add(told)
                left += [name for name, own in sidecars.items() if own == told]
    if not found:
        raise InputError(f"{path}: no result of {tree.root} was made from it; name another folder: --results RESULTS")
    lines = [f"{path}"]
    for (rule, variant), files in found.items():
        example = Path(sorted(files)[0]).relative_to(tree.root)
        more = f", and {len(files) - 1} more" if len(files) > 1 else ""
        lines.append(f"  → rule {rule}{f', variant {variant}' if variant else ''}: {example}{more}")
    return lines
