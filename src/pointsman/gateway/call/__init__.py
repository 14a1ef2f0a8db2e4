"""What travels: the call, its plan and its values, and the ports that everything else is reached by."""
