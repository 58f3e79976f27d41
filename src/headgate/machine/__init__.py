"""What hardware can do: pure functions of arrays, without law and without the catalog."""

from headgate.extras import needed

# Every file of the room works on arrays; without NumPy the first import says what to install.
needed("numpy")
