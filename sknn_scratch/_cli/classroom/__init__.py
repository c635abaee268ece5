"""Assignments of the course's functions, and submissions run in their own processes."""
