"""What a dose is: compound against element, against limits, and what was never tested.

A review with its table of compounds enters; doses on the scale of the element, checks of
reported contents, and grids of what was tested leave. Nothing here says what to take.
"""
