"""The report: page, views of tables, methods text, citations."""
