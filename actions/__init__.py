"""Rasa's custom actions: each takes one turn to the use-cases and says that it did."""
