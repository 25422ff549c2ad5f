"""What the next trial could change, and what it would be worth.

A pooled result enters; the conclusions that one more trial would bring, the chances of each, and
the value of knowing more leave.
"""
