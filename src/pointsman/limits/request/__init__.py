"""What a request meets and takes: which limits are its own, and how much it will need of them."""
