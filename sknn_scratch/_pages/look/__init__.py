"""The page that looks into a saved model."""
