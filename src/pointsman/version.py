"""The one place that holds the version. Read by the build too."""

__version__ = "0.1.0"
