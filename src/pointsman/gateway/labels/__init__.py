"""Where labels come from: feedback, shadows, and what grades them."""
