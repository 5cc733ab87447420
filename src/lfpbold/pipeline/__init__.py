"""The road from opened recordings to tables: one function per stretch, named as its rule, without files.

Each takes what `recordings` opened or an earlier stretch returned, and the settings of its own stretch. The arithmetic
is in the science modules; what is here is their order, and the records of what was done.
"""
