"""Running: a review folder and notebooks enter, a report folder leaves, whole or not at all.

`run_report` checks and analyses the review, executes the notebooks and publishes the
pages; `current_review` is how a notebook finds the review it is run on. Nothing is
imported here: the command line's `--help` and a kernel's start stay light.
"""
