"""Whoever calls a function without options gets what the config gives: same name, same default."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module

import pytest

from lfpbold.study import settings

# The sections whose settings the functions of a room or module take as keywords.
SECTIONS = {
    "artefact": ("artefact",),
    "spectral.filters": ("artefact",),
    "spectral.power": ("artefact", "power"),
    "hemodynamics": ("hrf",),
    "bold.cleaning": ("bold",),
    "bold.projector": ("bold",),
    "bold.motion": ("motion",),
    "coupling": ("coupling", "variance"),
    "networks": ("networks", "variance"),
    "stats": ("variance",),
    "nulls": ("nulls", "variance"),
    "evoked": ("hrf", "evoked"),
    "recordings": ("input",),
    "pipeline.artefact": ("artefact",),
}
# Keywords that are called as a setting is, and are something else.
OTHERS = {
    ("lfpbold.hemodynamics.hrf.spm_hrf", "p"),  # SPM's own default, so that it is SPM's function
    ("lfpbold.bold.cleaning.nuisance_regressors", "motion"),  # the six parameters, not whether to use them
}


# Where the name of a function holds the first part of a setting's name.
PREFIXES = {"open_lfp": "lfp_", "open_bold": "bold_"}


def modules(name: str):
    """A room and its modules, or the module of that name."""
    module = import_module(f"lfpbold.{name}")
    yield module
    for found in pkgutil.iter_modules(getattr(module, "__path__", ())):
        if not found.ispkg:
            yield import_module(f"{module.__name__}.{found.name}")


def keywords(name: str):
    """Dotted name, keyword and default of every public function and class below a room."""
    for module in modules(name):
        for label, function in inspect.getmembers(
            module, lambda item: inspect.isfunction(item) or inspect.isclass(item)
        ):
            if function.__module__ != module.__name__ or label.startswith("_") or is_error_or_tuple(function):
                continue
            for keyword in inspect.signature(function).parameters.values():
                if keyword.default is not keyword.empty:
                    yield f"{module.__name__}.{label}", keyword.name, keyword.default


def is_error_or_tuple(item) -> bool:
    return inspect.isclass(item) and issubclass(item, Exception | tuple)


def plain(value):
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("room", SECTIONS)
def test_keyword_defaults_are_those_of_the_config(room):
    defaults = {}
    for section in SECTIONS[room]:
        defaults |= settings.defaults(section)
    for name, keyword, default in keywords(room):
        for setting in (keyword, PREFIXES.get(name.rpartition(".")[2], "") + keyword):
            if setting in defaults and (name, keyword) not in OTHERS:
                assert plain(default) == defaults[setting], f"{name}: {keyword} is {default!r}"


def test_something_is_compared():
    found = {(name.rpartition(".")[2], keyword) for room in SECTIONS for name, keyword, _ in keywords(room)}
    assert {("band_power", "window_s"), ("realign", "reference"), ("jackknife", "confidence")} <= found
