"""Statistics: pure functions from frames of marts to tidy result tables.

Belongs here: estimators, the comparisons made with them, and the shape of the result tables. Not here:
reading or writing files or tables, cleaning of figures, charts. Frames come in and go out as Polars; numpy,
scipy and statsmodels are imported inside the functions that need them.
"""
