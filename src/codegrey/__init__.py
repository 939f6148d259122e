"""codegrey: cyber incidents at hospitals, from articles to a graph that can be cited."""

__version__ = "0.1.0"
