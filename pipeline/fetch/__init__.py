"""Publishers' tables over the network: the GENESIS family (GENESIS-Online, Regionaldatenbank, Zensus database).

Belongs here: asking, storing what came, byte for byte. Not here: what the figures mean, putting them into raw_data
(that stays a person's decision). Nothing but `mo fetch` and the job `newer_tables`, which asks
what `mo fetch --check` asks, imports this, and so nothing else ever connects.
"""
