"""The pages of the docs site that are generated: dictionary, logs and drawing, from what they describe.

Belongs here: text and drawing made of contracts, source.yml, the declaration and the tests, and the hooks that put them
into the site. Not here: pages written by hand (docs/), the report (report/), the page on methods (analysis/methods.py).
"""
