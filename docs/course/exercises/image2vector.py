def image2vector(image):
    """The numbers of an image of shape (height, width, 3) as one column."""
    return image.reshape(image.shape[0] * image.shape[1], image.shape[2])
