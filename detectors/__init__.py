"""What credentials look like: bytes in, findings out. No I/O."""
