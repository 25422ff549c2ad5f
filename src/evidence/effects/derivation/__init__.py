"""From the rows of a `Review` to effects: every sufficient set of statistics is a reading."""
