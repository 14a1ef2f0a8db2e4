"""What processes share: answers, and calls under way."""
