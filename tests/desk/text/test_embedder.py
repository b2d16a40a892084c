import numpy as np
import pytest

from desk.errors import DataError
from desk.text.embedder import DIMENSIONS, MiniLmEmbedder
from desk.text.tokenizer import Tokenizer

SENTENCES = ["That is a happy person", "That is a very happy person", "That is a happy dog", "Today is a sunny day"]


def test_meaning_is_near():
    vectors = MiniLmEmbedder().embed(SENTENCES)
    assert vectors.shape == (4, DIMENSIONS)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    similar = vectors @ vectors[0]
    np.testing.assert_allclose(similar[1:], [0.942, 0.696, 0.261], atol=0.01)


def test_nothing_gives_an_empty_matrix():
    assert MiniLmEmbedder().embed([]).shape == (0, DIMENSIONS)


def test_a_missing_tokenizer_is_named(tmp_path):
    with pytest.raises(DataError, match=r"gone\.json cannot be read"):
        Tokenizer(file=tmp_path / "gone.json")


def test_long_texts_are_cut():
    assert Tokenizer(limit=16).encode(["word " * 100]).ids.shape == (1, 16)
