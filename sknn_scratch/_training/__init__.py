"""Minimise the cost J: from a parameter vector theta to a better one."""
