"""The words the sentiment rules know, as data: written for this desk, from no list of others."""
