"""The report of a scan in the forms that people and programs read."""
