"""From records to signals."""
