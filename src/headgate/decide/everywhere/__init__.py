"""What an item needs for every destination there is: one decision each, grouped by answer, and drawn on a map."""
