"""For those who write rules: schemas, skeletons, and what holds the rules to their examples."""
