"""The page for people: files that are sent as they are."""
