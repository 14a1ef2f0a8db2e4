"""What limits are and what requests ask of them: values, and what a store of limits does."""
