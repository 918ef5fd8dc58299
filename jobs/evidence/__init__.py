"""Evidence packs: gathered from the store, written, signed, and checked without us."""
