"""From bytes to lines to records."""
