"""The inbound door: signed events of others, which only wake a poll. Needs the extra `web`."""
