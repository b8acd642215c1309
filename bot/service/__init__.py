"""Use-cases over a unit of work, one transaction each. Depends on the domain and on protocols of its own."""
