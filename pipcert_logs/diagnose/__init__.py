"""From signals to failures, causes and remedies."""
