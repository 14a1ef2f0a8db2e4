"""Single flight: equal requests that come at the same time share one call."""
