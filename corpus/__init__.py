"""A recorder of real error logs: real clients against real faults, in a network of their own."""
