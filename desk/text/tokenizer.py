"""The WordPiece tokenizer of all-MiniLM-L6-v2, from the committed `data/tokenizer.json`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from desk.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILE = Path(__file__).parent / "data" / "tokenizer.json"


class TokenBatch(NamedTuple):
    """Token ids and attention mask, both int64 of shape (texts, longest text)."""

    ids: NDArray[np.int64]
    mask: NDArray[np.int64]


class Tokenizer:
    """Turns texts into padded id matrices; texts longer than `limit` tokens are cut."""

    def __init__(self, limit: int = 256, file: Path = FILE) -> None:
        from tokenizers import Tokenizer as WordPiece

        try:
            self._pieces = WordPiece.from_file(str(file))
        except Exception as error:  # noqa: BLE001 - the Rust library raises bare Exception
            raise DataError(f"tokenizer file {file.name} cannot be read ({error}); install the product again") from None
        self._pieces.enable_truncation(limit)
        self._pieces.enable_padding(pad_id=0, pad_token="[PAD]")

    def encode(self, texts: Sequence[str]) -> TokenBatch:
        """Ids and mask of the texts; `texts` must not be empty."""
        import numpy as np

        encoded = self._pieces.encode_batch(list(texts))
        ids = np.array([item.ids for item in encoded], dtype=np.int64)
        mask = np.array([item.attention_mask for item in encoded], dtype=np.int64)
        return TokenBatch(ids, mask)

    def count(self, text: str) -> int:
        """How many tokens the text takes, at most the limit."""
        return len(self._pieces.encode(text).ids)
