"""Tables of the whole study, and the reference study's numbers beside them."""
