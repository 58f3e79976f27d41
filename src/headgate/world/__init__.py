"""The world: chips made, gated by the book of law, bought, diverted, learned from, and counted, quarter by quarter."""
