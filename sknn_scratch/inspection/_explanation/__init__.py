"""The explanation of one training step, quantity by quantity, as text and as a page."""
