"""The page that judges a model on rows it has not seen."""
