"""Everything outside the process: sources, people, issuers, tickets and the store."""
