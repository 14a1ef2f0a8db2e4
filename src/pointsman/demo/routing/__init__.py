"""The act of the routing: a route that learns, is certified, and is compared."""
