"""Packets: one folder for each line to hold, with what a person needs to let it go or to stop it."""
