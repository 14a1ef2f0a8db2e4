"""What rooms that keep tables share: opening a database file and bringing its tables up to date."""
