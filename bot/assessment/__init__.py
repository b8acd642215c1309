"""The pure domain: what is asked, what was answered, what follows from it. Standard library only."""
