def image2vector(image):
    """The numbers of an image of shape (height, width, 3) as one column."""
    return image.reshape(-1, 1)  # -1: as many rows as there are numbers
