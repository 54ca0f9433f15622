"""A look at a host as pip would see it: read-only, and nothing is sent anywhere else."""
