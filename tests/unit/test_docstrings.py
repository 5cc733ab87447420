"""Names of the public interface document every parameter, what they return, and an example that runs."""

import inspect

import pytest
from numpydoc.validate import validate

import lfpbold

PUBLIC = [name for name in getattr(lfpbold, "__all__", ()) if callable(getattr(lfpbold, name))]
# numpydoc: no docstring; a parameter missing, unknown or out of order; no section of returned values; no example.
FUNCTIONS = {"GL08", "PR01", "PR02", "PR03", "RT01", "EX01"}
CLASSES = FUNCTIONS - {"RT01"}


def problems(target: str, kind: set[str]) -> list[str]:
    return [f"{code}: {text}" for code, text in validate(target)["errors"] if code in kind]


def thin(x, fs_hz):
    """Every second sample.

    Parameters
    ----------
    x : ndarray
    """
    return x[::2]


def test_a_docstring_that_forgets_a_parameter_is_seen():
    codes = {problem[:4] for problem in problems(f"{__name__}.thin", FUNCTIONS)}
    assert codes == {"PR01", "RT01", "EX01"}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_are_documented(name):
    named = getattr(lfpbold, name)
    kind = CLASSES if inspect.isclass(named) else FUNCTIONS
    if any(p.kind is p.VAR_KEYWORD for p in inspect.signature(named).parameters.values()):
        kind = kind - {"PR02"}  # names of options are documented one by one
    assert problems(f"{named.__module__}.{named.__qualname__}", kind) == []
