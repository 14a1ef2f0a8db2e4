"""What is kept of an answer, and where: in the memory of this process."""
