"""Whether the numbers can be true: reported rows enter; checks with their reasons leave.

A check accuses nobody. It says whether two reports can both be right as printed.
"""
