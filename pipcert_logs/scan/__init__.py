"""Archives of logs: which failures they hold, where, since when."""
