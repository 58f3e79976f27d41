"""What every picture shares: how it looks, and the files it is written to."""
