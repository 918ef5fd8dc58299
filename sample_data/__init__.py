"""A fictional company, built deterministically, and simulators of the vendors it uses."""
