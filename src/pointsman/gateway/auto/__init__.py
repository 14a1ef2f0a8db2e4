"""How a model is chosen for "auto", and what watches over the choice."""
