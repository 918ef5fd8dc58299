"""What runs, when, and how it is told to: the steps, the schedule, the command line."""
