"""A chip among the limits of a day: performance against density or I/O, with the areas that the book makes of them."""
