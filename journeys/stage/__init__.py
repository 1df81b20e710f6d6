"""What the trials share: running the programs, and a second phone made from docs/ alone."""
