"""What tokens are built of beyond a pattern: one file for each form a Kind can name."""
