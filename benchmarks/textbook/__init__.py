"""An ordinary Rasa 3.6 bot that asks the same questions: what Peil is measured beside.

Built as Rasa's own documentation would have it: a form with a slot for every question, DIET for what is
typed, TED and its companions beside the rules, trackers in SQL, an action server, everything that is said in
domain.yml. `project.write` puts the project together; see `benchmarks/textbook/project.py`.

Both of its processes run in Rasa's environment (.venv-rasa), with the SDK that Rasa brings. Where there was a
choice it is the quicker one: jsonschema is the quick release that we lock, where a plain installation of Rasa
takes one that adds some 25 ms to every turn; slots do not influence the conversation; a form that is started
over finds its slots empty; buttons send payloads, which skip the NLU; it draws no radar.
"""
