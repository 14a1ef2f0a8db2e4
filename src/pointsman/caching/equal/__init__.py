"""What makes two requests equal: the key of an answer."""
