"""Around the sending of a request: answers that are kept and given again."""
