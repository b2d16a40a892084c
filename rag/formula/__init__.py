"""Figures computed from several line items and years: ratios, averages, growth, by a formula that is shown."""
