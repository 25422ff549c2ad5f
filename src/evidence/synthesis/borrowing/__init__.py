"""Evidence borrowed from indirect studies: counted from not at all to in full.

Effects, variances and how many steps each study is away from the question enter; what the
direct studies and the discounted others come to leaves, over every setting of one dial. How
far a study is away is not decided here.
"""
