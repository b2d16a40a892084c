"""Makes the list of plain words, by which a name is told from a word: `python -m graphs.plain_words`.

A word is plain when the shipped texts use it in lower case: utterances, the knowledge base, the documentation and
the bundled filings; no name of their companies is. In the utterances one use is not enough: they name a company now
and then in lower case. Terms of art by their capitals (ETF, GDPR, VaR) are taken from utterances and knowledge base.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml

from agents.naming import WORDS

ROOT = Path(__file__).parent.parent
FILINGS = ROOT / "desk" / "filings" / "data"
_LOWER = re.compile(r"(?<![A-Za-z0-9'’/_.@-])[a-z][a-z']*[a-z](?![A-Za-z0-9_/@])")
_TERMS = re.compile(
    r"(?<![A-Za-z0-9$:])(?:[A-Z][A-Z&]{1,5}|[A-Z][a-z]?[A-Z][A-Za-z]?|[A-Z][a-z]+[A-Z]+[a-z]*)(?![A-Za-z0-9:])"
)
_CODE = re.compile(r"```.*?```|`[^`]*`|https?:\S+", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def plain_words() -> list[str]:
    """The words in order of the alphabet, those in capitals first."""
    said = (ROOT / "graphs" / "utterances.yaml").read_text(encoding="utf-8")
    known = " ".join(_texts("rag/knowledge/data", "*.yaml"))
    found = {word for word, count in Counter(_LOWER.findall(said)).items() if count > 1}
    for text in (known, *_texts("docs", "**/*.md"), *_filings()):
        found.update(_LOWER.findall(_CODE.sub(" ", text)))
    catalogue = (FILINGS / "catalogue.yaml").read_text(encoding="utf-8")
    named = {word.casefold() for entry in yaml.safe_load(catalogue) for word in entry["company"].split()[:2]}
    named |= {name.casefold() for name in yaml.safe_load(said)["names"] if " " not in name}
    return sorted((found - (named - {"the", "corporation"})) | set(_TERMS.findall(f"{said} {known}")))


def _texts(folder: str, pattern: str) -> Iterator[str]:
    for path in sorted((ROOT / folder).glob(pattern)):
        yield path.read_text(encoding="utf-8")


def _filings() -> Iterator[str]:
    for path in sorted(FILINGS.glob("*.html.gz")):
        yield _TAG.sub(" ", gzip.decompress(path.read_bytes()).decode("utf-8", "replace"))


def main() -> int:
    """See the module."""
    (WORDS / "plain.txt").write_text("\n".join(plain_words()) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
