"""The page of `sknn-scratch grade`: marks, mistakes and feedback of a class."""
