"""The queue before the limits: who may wait, and what is told to those who may not."""
