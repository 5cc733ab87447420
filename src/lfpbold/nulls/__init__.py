"""Null distributions: surrogates, closed-form expectations, and p values against them."""
