"""From opened recordings to tables: one module per stage, named as its rule, without files.

Each takes what `recordings` opened or an earlier stage returned, and the settings of its own stage. The arithmetic
is in the science modules; what is here is their order, and the records of what was done.
"""
