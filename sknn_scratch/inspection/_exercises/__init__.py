"""Check a learner's own functions of the course."""
