"""Plug-ins that Rasa loads: runs on Python 3.10 and imports nothing else of ours."""
