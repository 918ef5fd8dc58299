"""Vendors on loopback: the paths, headers, bodies and traps that their documentation describes."""
