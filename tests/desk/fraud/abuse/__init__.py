"""Tests of the rules over markets."""
