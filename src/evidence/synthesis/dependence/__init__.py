"""Effects that are not independent: several outcomes, arms or rows of one trial."""
