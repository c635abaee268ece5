"""The page that replays a training."""
