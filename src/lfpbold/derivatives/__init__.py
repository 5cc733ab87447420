"""Files that this package writes: formats, columns, and many of them at once."""
