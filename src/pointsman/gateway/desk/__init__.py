"""The doors beside the journey: models, one's own requests, token counts, health."""
