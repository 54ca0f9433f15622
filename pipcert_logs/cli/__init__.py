"""The edges: arguments, standard streams, exit codes."""
