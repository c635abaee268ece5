"""The equations of the course: layers, losses, initialisation and optimisers."""
