"""What is made from the tree before the product runs: its environment, fonts and translations.

``environment`` and ``suite`` use the standard library only, because ``dev.py`` needs them before anything is installed.
"""
