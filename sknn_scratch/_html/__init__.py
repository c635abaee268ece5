"""Tables, drawings, images and whole pages as HTML text."""
