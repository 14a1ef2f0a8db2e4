"""What all acts stand on: the cast, the processes, and how figures and lines are drawn."""
