"""How the columns of somebody's own file become those of a transaction."""
