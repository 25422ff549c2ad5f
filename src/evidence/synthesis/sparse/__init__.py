"""Pooling counts where events are few: methods that need no continuity correction."""
