"""Pictures for people: pure geometry first, pixels second."""
