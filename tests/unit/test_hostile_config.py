"""Configurations that were made to do harm, and any other: settings, or one sentence."""

from __future__ import annotations

import math
import os

import pytest
import yaml
from hostile import bounded
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from lfpbold.errors import InputError
from lfpbold.study import settings

LABELS = {"atlas": {"labels": "labels.nii.gz"}}
DEFAULT = settings.load([], LABELS)
FEW = bounds(deadline=None, derandomize=True, database=None, max_examples=50,
             suppress_health_check=list(HealthCheck))  # fmt: skip


def load(tmp_path, content):
    """Settings of a file with this content, over a valid one."""
    base, path = tmp_path / "base.yaml", tmp_path / "config.yaml"
    base.write_text("atlas: {labels: labels.nii.gz}\n", encoding="utf-8")
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with bounded():
        return settings.load([base, path])


def bomb(last: str) -> str:
    """Twelve lines that mean 10¹² values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 11)]
    return "\n".join([*lines, f"{last}: [{', '.join(['*a10'] * 10)}]\n"])


def two_variants(content: str) -> str:
    return f"variants: {{reference: {{}}, {content}}}"


SENTENCES = {
    "code": ("seed: !!python/object/apply:os.system ['touch pwned']", "could not determine a constructor"),
    "name of code": ("results: !!python/name:os.system ''", "could not determine a constructor"),
    "bomb": (bomb("results"), "those that aliases repeat"),
    "bomb below": ("variants:\n  reference: {}\n  " + bomb("z").replace("\n", "\n  "), "those that aliases repeat"),
    "holds itself": ("sites: &a {M1: *a}", "those that aliases repeat"),
    "deep": ("results: " + "[" * 10**5, "nested too deeply (limit 20)"),
    "deep mappings": ("results: " + "{a: " * 3000 + "}" * 3000, "nested too deeply (limit 20)"),
    "key twice": ("bold: {fwhm_mm: 1, fwhm_mm: 2}", "the key `fwhm_mm` is duplicated"),
    "key of another kind": ("? [1, 2]\n: 3", "keys must be text"),
    "tag that lies": ("seed: !!int abc", "not readable as YAML"),
    "tag of truth that lies": ("seed: !!bool abc", "not readable as YAML"),
    "no number of so many digits": ("seed: 1" + "0" * 5000, "not readable as YAML"),
    "nor in another notation": ("seed: 0x" + "f" * 5000, "seed is not a finite number"),
    "two documents": ("seed: 1\n---\nseed: 2", "single document"),
    "a list": ("[1, 2]", "contains no settings"),
    "UTF-16": ("seed: 1".encode("utf-16"), "is not UTF-8"),
    "Latin-1": ("results: café".encode("latin-1"), "is not UTF-8"),
    "binary": (bytes(range(256)), "is not UTF-8"),
    "zeros": (bytes(100), "not readable as YAML"),
    "large": (b"# " + b"x" * 5_000_000, "is larger than 4 MB"),
    "truth for a number": ("coupling: {lag_max_s: true}", "coupling.lag_max_s: True is not of type 'number'"),
    "text for a number": ("coupling: {lag_max_s: '20'}", "is not of type 'number'"),
    "a notch at every nothing": ("artefact: {notch_hz: [1.0e-9]}", "artefact.notch_hz"),
    "grid of HRFs": ("coupling: {grid_delay_s: [1, 1000, 0.11], grid_undershoot_s: [1, 1000, 0.11]}", "larger steps"),
    "noise": ("variance: {cnr_trials: 100000, cnr_points: [1000000, 10]}", "lower one of them"),
    "gain of nothing": ("input: {lfp_scale: 0}", "must not be 0"),
    "variant that climbs": (two_variants('"..": {}'), "is not a valid name"),
    "variant of a wildcard": (two_variants('"{sub}": {}'), "is not a valid name"),
    "variant of HTML": (two_variants('"<script>": {}'), "is not a valid name"),
    "variant with a line's end": (two_variants('"a\\n": {}'), "is not a valid name"),
    "variant too long": (two_variants("a" * 300 + ": {}"), "is not a valid name"),
    "variants that a Mac cannot tell": (two_variants("REFERENCE: {}"), "upper and lower case"),
    "site that climbs": ('sites: {"../x": {seed: all}}', "is not a valid name"),
    "site of another alphabet": ('sites: {"М1": {seed: all}}', "is not a valid name"),
    "site with a line's end": ('sites: {"M1\\n": {seed: all}}', "is not a valid name"),
    "site too long": (f"sites: {{{'M' * 33}: {{seed: all}}}}", "is not a valid name"),
    "sites that a Mac cannot tell": ("sites: {M1: {seed: all}, m1: {seed: all}}", "upper and lower case"),
    "state with a line's end": ('states: {"awake\\n": {fd_mm: 1, on_motion: keep}}', "is not a valid name"),
    "band with a line's end": ('bands: {"gamma\\n": [40, 50]}', "is not a valid name"),
    "bands that a Mac cannot tell": ("bands: {gamma: [40, 100], Gamma: [41, 100]}\nnetworks: {removal_bands: [gamma]}",
                                     "upper and lower case"),
    "circle": (two_variants("a: {inherits: b}, b: {inherits: a}"), "in a circle"),
    "parent of itself": (two_variants("a: {inherits: a}"), "in a circle"),
    "long line of parents": ("variants:\n  reference: {}\n  v2999: {}\n" + "".join(
        f"  v{i}: {{inherits: v{i + 1}}}\n" for i in range(2999)), "through more than 50"),
    "grid beyond count": (two_variants(f"a: {{grid: {{{', '.join(f'bold.k{i}: [1, 2, 3]' for i in range(60))}}}}}"),
                          "more than run.most_variants"),
    "results at the root": ("results: /", "a folder that contains"),
    "results over the sheet": ("results: .\nrecordings: study/recordings.tsv", "contains the sample sheet"),
    "results in a wildcard": ("results: 'a{b}c'", "without < > { } in its name"),
    "results of nothing": ("results: '  '", "without < > { } in its name"),
    "results with a line's end": ('results: "a\\nb"', "control character"),
    "results too long": (f"results: {'a' * 300}", "more than 200 bytes"),
    "mask with a zero byte": ('atlas: {brain: "a\\0b"}', "control character"),
    "colours in a key": ('"\\e[31mred": 1', "unknown key `�[31mred`"),
}  # fmt: skip


@pytest.mark.parametrize("case", SENTENCES)
def test_a_hostile_config_is_refused_in_a_sentence(tmp_path, monkeypatch, case):
    content, culprit = SENTENCES[case]
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as error:
        load(tmp_path, content)
    said = str(error.value)
    assert culprit in said and said.startswith(str(tmp_path))
    assert "\n" not in said and len(said) <= 2100 and "\x1b" not in said
    assert not (tmp_path / "pwned").exists()


def numbers(content, path=()):
    """Every number of the settings, by its place."""
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    if isinstance(content, int | float) and not isinstance(content, bool):
        yield path
    for key, value in items:
        yield from numbers(value, (*path, key))


def put(content, path, value):
    """The same content with another value at a place."""
    key, *rest = path
    new = dict(content) if isinstance(content, dict) else list(content)
    new[key] = put(content[key], rest, value) if rest else value
    return new


PLACES = list(numbers({k: v for k, v in DEFAULT.items() if k not in ("variants",)}))


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_every_number_has_bounds(path):
    """Without them `null` surrogates, a lag of a year or a grid of 10¹² cells would be taken for what is meant."""
    for value in (math.nan, math.inf, 10**12 if path != ("seed",) else 2**63, -(10**12), True):
        with pytest.raises(InputError) as error:
            settings.load([], put(LABELS | {path[0]: DEFAULT[path[0]]}, path, value))
        assert str(path[0]) in str(error.value)


def test_numbers_that_are_null_by_default_have_bounds():
    for name in ("lfp_fs_hz", "lfp_scale", "tr_s"):
        for value in (math.nan, math.inf, 1e300, 0, True):
            with pytest.raises(InputError, match=name):
                settings.load([], LABELS | {"input": {name: value}})


def test_what_is_no_file_is_named_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    for path, kind in ((tmp_path / "pipe.yaml", "a pipe"), (tmp_path, "a folder"), ("/dev/zero", "a device")):
        with bounded(), pytest.raises(InputError, match=kind):
            settings.load([path])


def test_a_config_with_a_byte_order_mark_or_other_ends_of_lines_is_read(tmp_path):
    assert load(tmp_path, b"\xef\xbb\xbfseed: 7")["seed"] == 7
    assert load(tmp_path, b"seed: 7\r\nresults: a\r\n")["results"] == "a"
    assert load(tmp_path, b"seed: 7\rresults: a\r")["results"] == "a"
    assert load(tmp_path, b"")["seed"] == DEFAULT["seed"]


# ---- any config at all ---------------------------------------------------------------------------------------------

LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from([10**30, -1, 0, 2**64]), st.floats(),
                   st.text(max_size=12), st.sampled_from(["reference", "M1", "../x", "{sub}", "a\n"]))  # fmt: skip
ANY = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
    st.text(max_size=8) | st.sampled_from(["inherits", "grid", "bold", "bold.fwhm_mm", "sites.M1"]), inner, max_size=4,
), max_leaves=8)  # fmt: skip


def places(content, path=()):
    if path:
        yield path
    for key, value in content.items() if isinstance(content, dict) else ():
        yield from places(value, (*path, key))


EVERYWHERE = [*places(DEFAULT), ("variants", "no_gsr", "inherits"), ("variants", "no_gsr", "grid"), ("new",),
              ("sites", "V1"), ("bold", "new")]  # fmt: skip


@FEW
@given(st.lists(st.tuples(st.sampled_from(EVERYWHERE), ANY), min_size=1, max_size=2))
def test_any_mutation_of_a_config_gives_settings_or_a_sentence(changes):
    content = {k: v for k, v in DEFAULT.items()}
    for path, value in changes:
        try:
            content = put(content, path, value)
        except (KeyError, TypeError, IndexError):  # the first change took the place away
            continue
    try:
        loaded = settings.load([], content)
    except InputError as error:
        assert "\n" not in str(error) and str(error)
    else:
        assert settings.load([], loaded) == loaded  # resolved settings can be given back


@FEW
@given(st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda b: b.decode("latin-1")),
                 ANY.map(yaml.safe_dump)))  # fmt: skip
def test_any_text_is_settings_or_a_sentence(tmp_path, text):
    try:
        load(tmp_path, text.encode("utf-8", "surrogatepass"))
    except InputError as error:
        assert "\n" not in str(error)


CHANGES = st.fixed_dictionaries({}, optional={
    "bold": st.fixed_dictionaries({}, optional={"fwhm_mm": st.sampled_from([0, 1, 2]), "motion": st.booleans()}),
    "hrf": st.fixed_dictionaries({}, optional={"detrend": st.sampled_from(["constant", "linear"])}),
})  # fmt: skip
NAMES = ["reference", "a", "b", "c", "d"]


@FEW
@given(st.dictionaries(st.sampled_from(NAMES), st.tuples(CHANGES, st.none() | st.sampled_from([*NAMES, "gone"])),
                       min_size=1))  # fmt: skip
def test_a_variant_inherits_as_a_model_says(table):
    """The model: a value is the variant's own, else that of the nearest ancestor that has one, else the default."""

    def line(name):
        found = [name]
        while (parent := table[found[-1]][1]) is not None:
            if parent not in table or parent in found:
                return None
            found.append(parent)
        return found

    written = {name: changes | ({"inherits": parent} if parent else {}) for name, (changes, parent) in table.items()}
    lines = {name: line(name) for name in table}
    if not all(lines.values()):
        with pytest.raises(InputError, match="inherit"):
            settings.load([], LABELS | {"variants": written})
        return
    loaded = settings.load([], LABELS | {"variants": written})
    for name, ancestors in lines.items():
        complete = settings.variant(loaded, name)
        for section, key in (("bold", "fwhm_mm"), ("bold", "motion"), ("hrf", "detrend"), ("bold", "detrend")):
            holding = [table[a][0][section][key] for a in ancestors if key in table[a][0].get(section, {})]
            assert complete[section][key] == (holding or [DEFAULT[section][key]])[0]
