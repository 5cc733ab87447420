"""Names, sidecars and tables of a BIDS dataset, as far as an index of simultaneous recordings needs them."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .special_files import special_kind

SUFFIXES = (".nii.gz", ".fif.gz")  # of two parts
EMPTY = ("", "n/a")
LARGEST = 20_000_000  # bytes of a sidecar; slice times and device settings take some thousand


@dataclass(frozen=True)
class Named:
    """A file's BIDS name: `entities` by key in their order, `suffix` and `extension`."""

    path: Path
    entities: dict
    suffix: str
    extension: str


def parse(path) -> Named | None:
    """Take a BIDS name apart; None where it is none.

    Examples
    --------
    >>> name = parse("sub-01/func/sub-01_task-rest_run-2_bold.nii.gz")
    >>> name.entities, name.suffix, name.extension
    ({'sub': '01', 'task': 'rest', 'run': '2'}, 'bold', '.nii.gz')
    >>> parse("notes about sub-01.txt") is None
    True
    """
    path = Path(path)
    extension = next((end for end in SUFFIXES if path.name.endswith(end)), path.suffix)
    *pairs, suffix = path.name.removesuffix(extension).split("_")
    if not pairs or not all(re.fullmatch(r"[a-zA-Z]+-[0-9a-zA-Z+]+", pair) for pair in pairs):
        return None
    return Named(path, dict(pair.split("-", 1) for pair in pairs), suffix, extension)


def root_of(path) -> Path | None:
    """The dataset that a file belongs to: the nearest folder above it with a `dataset_description.json`."""
    own = Path(path).parent.resolve()  # of the file's name: its content may lie in a data manager's folder
    for folder in (own, *own.parents):
        if (folder / "dataset_description.json").is_file():
            return folder
    return None


def inherited_metadata(path) -> dict:
    """What JSON sidecars other than its own say of a file, by BIDS's inheritance: from the dataset's root down.

    A sidecar applies that has the file's suffix and no entity that the file has not, or has otherwise; the nearer one
    overrides the farther one, key by key. Outside a dataset only the file's own folder is looked at. A file whose name
    is no BIDS name inherits nothing.

    Raises
    ------
    InputError
        When a sidecar that applies is not JSON.
    """
    metadata: dict = {}
    for sidecar in inherited_sidecars(path):
        metadata |= json_object(sidecar, f"{sidecar}:")
    return metadata


def inherited_sidecars(path) -> list[Path]:
    """JSON sidecars other than its own that apply to a file, from the farthest to the nearest."""
    named = parse(path)
    if named is None:
        return []
    folder, root = Path(path).parent.resolve(), root_of(path)
    folders = [folder]
    while root is not None and folders[0] != root:
        folders.insert(0, folders[0].parent)
    own, found = own_sidecar(path).name, []
    for place in folders:
        sidecars = [parse(p) for p in place.glob(f"*{named.suffix}.json")]
        bare = place / f"{named.suffix}.json"
        fitting = [
            s for s in sidecars if s and s.suffix == named.suffix and s.entities.items() <= named.entities.items()
        ]
        paths = [*([bare] if bare.is_file() else []), *(s.path for s in sorted(fitting, key=lambda s: len(s.entities)))]
        found += [sidecar for sidecar in paths if sidecar.name != own]
    return found


def own_sidecar(path) -> Path:
    """Where the JSON sidecar of a file or folder stands: beside it, by the same name."""
    path = Path(path)
    extension = next((end for end in SUFFIXES if path.name.endswith(end)), path.suffix)
    return path.with_name(f"{path.name.removesuffix(extension)}.json")


def json_object(path: Path, what: str) -> dict:
    """What a JSON file holds; messages begin with `what`.

    Raises
    ------
    InputError
        When it is no JSON object, no regular file, or larger than `LARGEST`.
    """
    if kind := special_kind(path):
        raise InputError(f"{what} is {kind}, not a JSON file; remove it")
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{what} is larger than {LARGEST / 1e6:g} MB, which no sidecar is; remove it")
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except RecursionError:
        raise InputError(f"{what} is not valid JSON (brackets in brackets too deep); correct or remove it") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        reason = " ".join(str(error).split())[:120]
        raise InputError(f"{what} is not valid JSON ({reason}); correct or remove it") from None
    except ValueError:
        raise InputError(f"{what} is not valid JSON (a number too long); correct or remove it") from None
    if not isinstance(content, dict):
        raise InputError(f"{what} holds no JSON object; correct or remove it")
    return content


def read_tsv(path) -> list[dict]:
    """Rows of a BIDS table, cells as text, `n/a` as empty; none where there is no such file.

    Raises
    ------
    InputError
        When the file is not tab-separated UTF-8 text.
    """
    path = Path(path)
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = list(csv.DictReader(file, delimiter="\t"))
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise InputError(f"{path}: is not tab-separated UTF-8 text ({error}); save it again as .tsv") from None
    return [
        {key: "" if (value or "") in EMPTY else value.strip() for key, value in row.items() if key} for row in table
    ]


def find_table(path, suffix: str, root) -> Path | None:
    """The table of another suffix that belongs to a file by BIDS's inheritance: the nearest, then the most specific.

    Parameters
    ----------
    path : path
        File with a BIDS name.
    suffix : str
        Such as `events`.
    root : path
        Of the dataset.
    """
    named, root = parse(path), Path(root).resolve()
    folder = Path(path).parent.resolve()
    while True:
        tables = [t for t in (parse(p) for p in sorted(folder.glob(f"*_{suffix}.tsv"))) if t and t.suffix == suffix]
        fitting = [t for t in tables if t.entities.items() <= named.entities.items()]
        if fitting:
            return max(fitting, key=lambda t: len(t.entities)).path
        if folder == root or root not in folder.parents:
            return None
        folder = folder.parent


def sibling(named: Named, suffix: str) -> Path:
    """The table of another suffix that belongs to a file: `…_channels.tsv` of `…_ieeg.edf`."""
    start = "_".join(f"{key}-{value}" for key, value in named.entities.items())
    return named.path.with_name(f"{start}_{suffix}.tsv")
