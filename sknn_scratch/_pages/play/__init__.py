"""The page of `sknn-scratch play`, which replays a training."""
