"""Files written whole or not at all, and HDF5 files checked before they are read."""
