"""From what a report gives to what a measure needs: standard deviations, means, tables."""
