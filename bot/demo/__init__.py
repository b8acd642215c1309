"""What `peil demo` makes: one invented organisation, through the use-cases that people go through."""
