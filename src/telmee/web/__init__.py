"""The web interface: server-rendered pages in the look of NL Design System.

One package for each area of screens, and what they share: base page, components, forms, lists and
charts. docs/guides/pages.md tells how to make a page.
"""
