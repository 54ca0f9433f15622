"""The rule files: their form, and how they are loaded and fitted together."""
