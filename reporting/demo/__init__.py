"""A small company to try everything on, with half a year behind it."""

from reporting.demo.company import PASSWORD, make_demo_company

__all__ = ["PASSWORD", "make_demo_company"]
