"""A channel as a third party would write it: this folder and nothing else."""
