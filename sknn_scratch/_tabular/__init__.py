"""Ensembles of networks that take whole tables, and answer with intervals."""
