"""Workbooks of Excel's kind: what one holds is looked over before it is read, and what is written never runs."""
