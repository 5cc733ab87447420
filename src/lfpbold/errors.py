"""Errors that a person can act on."""


class InputError(ValueError):
    """One sentence that names the file or row, what is wrong with it, and the way out."""
