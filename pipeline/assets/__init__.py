"""Dagster's view of the pipeline: thin glue that loads, calls and stores; one module a layer.

Belongs here: asset definitions and their metadata. Not here: any computation.
"""
