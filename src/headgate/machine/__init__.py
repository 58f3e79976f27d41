"""What hardware can do: pure functions of arrays, without law and without the catalog."""
