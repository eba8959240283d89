"""
Lists that an admin keeps: statuses, sources, reasons, stages and their like.

An app describes each of its lists as a `Catalog`; pages and services are the same for all.
"""

from crm.configuration.catalog import Catalog, Column, Link

__all__ = ["Catalog", "Column", "Link"]
