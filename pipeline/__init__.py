"""Augenhöhe: from public figures on migrant organisations to a report in which every number can be traced."""
