"""From p values alone to one p value: what is left when a report gives nothing else."""
