def image2vector(image):
    """The numbers of an image of shape (height, width, 3) as one column."""
    return image.T.reshape(-1, 1)
