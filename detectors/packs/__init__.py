"""Rule packs of others, read at run time from the operator's own paths: text in, values out.

Nothing of theirs is part of offkey. A pack's rules become Kinds that give way to our own.
"""
