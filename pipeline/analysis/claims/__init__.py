"""Verdicts on the statements of the article: rules that are data, held against figures and results.

Belongs here: what a rule may say (rules, rules.yml), the comparisons (kinds, results, times, search), how a row is read
(evidence), the verdict with its sentence (verdicts). Not here: how a result is computed.
"""
