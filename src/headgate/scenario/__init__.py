"""Draft law on trial: a changed book is built here and nowhere else."""
