"""The columns of every table: description and unit, as they stand in the table's JSON sidecar."""
