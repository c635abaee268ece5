"""The scikit-learn estimators, and functions that look into a fitted one."""
