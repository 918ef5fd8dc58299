"""The judgement: pure rules and the vocabulary. No I/O, no clock, no environment."""
