"""The use-cases of the consultants' desk: each asks first whether this user may (bot.service.desk.access)."""
