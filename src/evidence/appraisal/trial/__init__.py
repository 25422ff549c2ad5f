"""What one trial is worth: an effect with its error enters; what it can and cannot say leaves.

Nothing here looks at other trials of the question: that is synthesis.
"""
