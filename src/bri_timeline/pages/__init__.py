"""Pictures of a log: text for the terminal, SVG for print, HTML for the screen.

`text`, `svg`, `png`, `html`, `comparison` and `network` each have `render()`, which
returns the picture, and `dump()`, which writes it to a file. A page asks nothing of any
network, and whatever text a log holds reaches it through escaping only.
"""
