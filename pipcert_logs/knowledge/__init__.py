"""The rule files: their form, how they are loaded, and whether they hold what they promise."""
