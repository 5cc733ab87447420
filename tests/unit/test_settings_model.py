"""One home of each setting: what is made from the model is what the repository holds, and what the stages read."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from lfpbold.errors import InputError
from lfpbold.study import settings, sheet
from lfpbold.study.settings import generate, schema, validation
from lfpbold.study.settings.model import Settings
from lfpbold.study.settings.schema import allowed

REPOSITORY = Path(__file__).resolve().parents[2]
LABELS = {"atlas": {"labels": "labels.nii.gz"}}
DEFAULT = settings.load([], LABELS)
NOT_OF_A_STAGE = {"recordings", "results", "run", "variants"}
FEW = bounds(deadline=None, derandomize=True, database=None, max_examples=300,
             suppress_health_check=list(HealthCheck))  # fmt: skip


@pytest.mark.parametrize("path", generate.files(), ids=lambda path: path.name)
def test_what_is_made_from_the_model_is_up_to_date(path):
    text = path.read_text(encoding="utf-8")
    assert text == generate.files()[path], f"run `{generate.COMMAND}` and commit what it writes"


def test_the_check_names_a_file_that_was_edited_by_hand(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(generate, "REPOSITORY", tmp_path)
    for path in generate.files():
        path.parent.mkdir(parents=True, exist_ok=True)
    assert generate.main([]) == 0 and generate.main(["--check"]) == 0
    edited = tmp_path / "config" / "config.yaml"
    edited.write_text(edited.read_text(encoding="utf-8").replace("0.75", "0.8"), encoding="utf-8")
    capsys.readouterr()
    assert generate.main(["--check"]) == 1
    assert "config/config.yaml" in capsys.readouterr().err and "0.8" in edited.read_text(encoding="utf-8")


def test_no_line_is_too_long_and_the_config_holds_the_defaults():
    text = generate.config()
    assert max(map(len, text.splitlines())) <= 120
    for section, content in yaml.safe_load(text).items():
        if section in schema.read()["properties"] and isinstance(content, dict):
            assert repr(content) == repr(settings.defaults(section)), section


def test_the_schema_is_one():
    Draft202012Validator.check_schema(schema.read())
    described = json.dumps(schema.read())
    assert "$ref" not in described and "patternProperties" not in described  # as errors are reported best


def test_defaults_are_copies():
    settings.defaults("bold")["band_pass_hz"].append(1)
    assert settings.defaults("bold")["band_pass_hz"] == [0.01, 0.1]
    settings.defaults("bands").clear()
    assert next(iter(settings.defaults("bands"))) == "delta"
    with pytest.raises(KeyError):
        settings.defaults("bodl")


def test_no_job_imports_the_model():
    code = (
        "import sys; from lfpbold.study import settings, sheet; settings.load([], {'sites': {'a': {'seed': 'all'}}});"
    )
    code += "settings.stage_settings(settings.load([], {'sites': {'a': {'seed': 'all'}}}), 'hrf');"
    code += "print([name for name in sys.modules if name.startswith('pydantic')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_typed_settings_are_those_of_the_config():
    typed = Settings.of(DEFAULT)
    assert (typed.bold.fwhm_mm, typed.networks.main_band, typed.sites["M1"].seed_label) == (0.75, "gamma", [-75])
    for section, content in DEFAULT.items():
        if section not in settings.TABLES and isinstance(content, dict):
            assert getattr(typed, section).model_dump() == content
    with pytest.raises(ValidationError):
        typed.bold.fwhm_mm = 1
    combination = settings.load([], {**LABELS, "variants": {"a": {"grid": {"bold.fwhm_mm": [1, 2]}}}})
    assert Settings.of(settings.variant(combination, "a-002")).bold.fwhm_mm == 2


def places(content, path=()):
    if path:
        yield path
    for key, value in content.items() if isinstance(content, dict) else ():
        yield from places(value, (*path, key))


PLACES = [*(p for p in places(DEFAULT) if p[0] != "variants"), ("bold", "new"), ("sites", "M1", "seed_mm"),
          ("connectivity", "seeds", "V1"), ("connectivity", "targets", "left"), ("bands", "seed")]  # fmt: skip
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 40), st.sampled_from([0.5, 0.0001, 2**40, -0.5, 1e6]),
                    st.sampled_from(["raw", "linear", "2024-05-31", "M1\n", "all", "", "none", "gamma"]))  # fmt: skip
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=4), st.lists(st.integers(-2, 9), min_size=2, max_size=3),
                   st.fixed_dictionaries({"network": st.just("seed"), "labels": st.lists(st.integers(-1, 2))}),
                   st.dictionaries(st.sampled_from(["a", "seed_label", "fd_mm", "on_motion"]), SCALARS))  # fmt: skip


@FEW
@example(("sites", "M1"), {})
@given(st.sampled_from(PLACES), VALUES)
def test_schema_and_model_judge_alike(path, value):
    content = copy.deepcopy(DEFAULT)
    target = content
    for key in path[:-1]:
        if not isinstance(target.get(key), dict):
            target[key] = {}
        target = target[key]
    target[path[-1]] = value
    outcomes = []
    for judge in (lambda: validation.validate_form(content, "config"), lambda: Settings.of(content)):
        try:
            judge()
            outcomes.append("accepted")
        except (InputError, ValidationError):
            outcomes.append("refused")
    assert outcomes[0] == outcomes[1], (path, value)


# ---- stages --------------------------------------------------------------------------------------------------------


def test_stages_follow_those_above_them():
    for position, stage in enumerate(settings.STAGES):
        assert set(settings.FOLLOWS[stage]) <= set(settings.STAGES[:position]), stage
    assert settings.upstream("hrf") == ["artefact", "power", "hrf"]
    assert set(settings.upstream("report")) == set(settings.STAGES)


def test_every_setting_is_read_by_a_stage():
    read = schema.read_by()
    assert set(read) <= set(settings.STAGES)
    for section, content in schema.read()["properties"].items():
        for key, part in content.get("properties", {"": content}).items():
            assert bool(part.get("x-stages")) == (section not in NOT_OF_A_STAGE), f"{section}.{key}"
    for stage, parts in read.items():
        for _, _, condition in parts:
            for name, values in (condition or {}).items():
                section, _, key = name.partition(".")
                assert set(values) < set(schema.read()["properties"][section]["properties"][key]["enum"]), stage


def test_every_setting_is_used():
    """Outside of the model and of what is made from it, its name occurs as a key or as a keyword."""
    model = REPOSITORY / "src" / "lfpbold" / "study" / "settings" / "model"
    paths = [path for path in (REPOSITORY / "src" / "lfpbold").rglob("*.py") if model not in path.parents]
    source = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    for section, content in schema.read()["properties"].items():
        for key in content.get("properties", {section: None}):
            assert re.search(rf'"{key}"|\b{key}\b *[=:]', source), f"{section}.{key} is read nowhere"


def test_a_stage_reads_exactly_what_is_declared():
    read = settings.stage_settings(DEFAULT, "coupling")
    assert read == {"seed": 2024, "coupling": DEFAULT["coupling"], "networks": {"main_band": "gamma"}}
    assert settings.stage_settings(DEFAULT, "networks")["connectivity"] == {"regions": True}
    assert settings.stage_settings(DEFAULT, "nulls") == {
        "seed": 2024,
        "coupling": {"lag_max_s": DEFAULT["coupling"]["lag_max_s"]},
        "nulls": DEFAULT["nulls"],
    }
    assert list(settings.stage_settings(DEFAULT, "bold")) == ["bold"]
    # Motion is not computed again where the LFP is read in another way.
    assert set(settings.stage_settings(DEFAULT, "motion")["input"]) == {*sheet.OF_RUN} - {"bold", "state", "events"}
    assert settings.stage_settings(DEFAULT, "artefact")["input"] == DEFAULT["input"]


@pytest.mark.parametrize("band_pass", ["none", "power", "regressor"])
def test_hrf_reads_the_bold_only_where_it_filters_like_it(band_pass):
    content = settings.merge(DEFAULT, {"hrf": {"band_pass": band_pass}})
    read = settings.with_upstream(content, "hrf")
    assert list(read) == ["input", "artefact", "bands", "power", "hrf"] + ["bold"] * (band_pass != "none")
    if band_pass != "none":
        assert read["bold"] == DEFAULT["bold"]


def test_a_stage_and_all_it_rests_on():
    """A rule names its own stage; `bold.band_pass_hz` reaches every stage after `bold` and none before."""
    reached = {s for s in settings.STAGES if "band_pass_hz" in settings.with_upstream(DEFAULT, s).get("bold", {})}
    assert reached == {s for s in settings.STAGES if "bold" in settings.upstream(s)}
    assert not reached & {"artefact", "power", "motion", "hrf", "seed", "figures_recording"}
    read = settings.with_upstream(DEFAULT, "coupling")
    for section in ("input", "atlas", "motion", "bold", "artefact", "power", "hrf", "coupling"):
        assert read[section] == DEFAULT[section], section
    assert read["networks"] == {"main_band": "gamma"} and "nulls" not in read
    # Parts of a section that several stages read are put together.
    assert settings.with_upstream(DEFAULT, "nulls")["coupling"] == {"seed_radius_mm": 1.0, "lag_max_s": 20.0}
    both = settings.with_upstream(DEFAULT, ("nulls", "coupling"))
    assert both["coupling"] == DEFAULT["coupling"] and both["nulls"] == DEFAULT["nulls"]
    assert settings.with_upstream(DEFAULT, ["hrf"]) == settings.with_upstream(DEFAULT, "hrf")
    with pytest.raises(KeyError):
        settings.with_upstream(DEFAULT, "copling")


def test_every_rule_that_reads_settings_is_a_stage():
    rules = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "workflow" / "rules").glob("*.smk"))
    for rule in re.split(r"^rule ", rules, flags=re.M)[1:]:
        name = rule.partition(":")[0]
        assert "settings_of(" not in rule.partition("\nrule ")[0] or name in settings.STAGES, name


# ---- columns of the sheet, keyword defaults ------------------------------------------------------------------------


def test_every_setting_of_the_input_is_a_column_and_those_of_the_bold_are_alike_in_a_run():
    assert list(sheet.INPUT_COLUMNS) == list(DEFAULT["input"])
    of_run = {
        "bold_stage",
        "bold_variable",
        "bold_scale",
        "bold_time_axis",
        "bold_voxel_scale",
        "bold_orientation",
        "dummy_volumes",
        "tr_s",
    }
    assert set(sheet.OF_RUN) == {"bold", "state", "events"} | of_run


def test_what_is_allowed_in_words():
    properties = schema.read()["properties"]
    assert allowed(properties["bold"]["properties"]["band_pass_hz"]) == "2 × (0.0001 to 100000) or null"
    assert allowed(properties["input"]["properties"]["lfp_scale"]) == "-1000000000 to 1000000000, not 0 or null"
    assert allowed(properties["artefact"]["properties"]["between_samples"]) == "auto, band_limited or integer 1 to 32"
    assert allowed(properties["networks"]["properties"]["peak_percentile"]) == "above 0 to below 100"
    assert allowed(properties["select"]["properties"]["date"]) == "2 × (text or null) or null"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"bold": {"fwhm_mm": -1}}, "bold.fwhm_mm: -1 is less than the minimum of 0; allowed: 0 to 100"),
        ({"artefact": {"between_samples": 99}}, "99 is not allowed; allowed: auto, band_limited or integer 1 to 32"),
        ({"bold": {"band_pass_hz": [0.1]}}, "[0.1] is too short; allowed: 2 × (0.0001 to 100000) or null"),
        ({"hrf": {"p": ["4"] * 7}}, "hrf.p.0: '4' is not of type 'number'; allowed: -1000 to 1000"),
        ({"states": {"awake": {"fd_mm": 1}}}, "states.awake: 'on_motion' is a required property; add it"),
        ({"bands": {"f012": [1, 4]}}, "bands.f012: this name is reserved for a column of the tables; choose another"),
        ({"bands": {"a b": [1, 4]}}, "bands: `a b` is not a valid name; use letters, digits and _, at most 32"),
        ({"evoked": {"contrasts": {"a b": {"x": 1}}}}, "`a b` is not a valid name; use letters, digits and _"),
        ({"bold": 3}, "bold: 3 is not of type 'object'; allowed: table"),
    ],
)
def test_a_value_that_is_not_allowed_is_told_with_what_is(changes, sentence):
    with pytest.raises(InputError) as error:
        settings.load([], {**LABELS, **changes})
    assert str(error.value).endswith(sentence)
