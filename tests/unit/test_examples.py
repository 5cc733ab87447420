"""The examples in docstrings run and print what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import lfpbold

MODULES = [module.name for module in pkgutil.walk_packages(lfpbold.__path__, "lfpbold.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_print_what_they_say(name):
    failed, _ = doctest.testmod(importlib.import_module(name), extraglobs={"np": np})
    assert not failed


def test_there_are_examples():
    assert sum(bool(doctest.DocTestFinder().find(importlib.import_module(name))) for name in MODULES) > 10
