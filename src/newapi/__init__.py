"""newapi creates complete, tested services, and keeps them current."""

__version__ = "0.1.0"
