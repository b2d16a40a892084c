"""Ways out of a text: links, images and markup by which what was said could reach another server, and what tries to
give a model orders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.scan.finding import Finding, Material, found

EXFILTRATION, INJECTION = "exfiltration", "injection"
_IMAGE = re.compile(r"!\[([^\]]*)\](?:\(\s*([^)\s]*)[^)]*\)|\[[^\]]*\])")
_MARKED = re.compile(r"(?<!!)\[([^\]\n]*)\]\(\s*(?!#fact-)([^)\s]*)[^)]*\)")
_DEFINED = re.compile(r"(?m)^[ ]{0,3}\[[^\]\n]+\]:\s*\S+.*$")
_TAG = re.compile(
    r"<\s*/?\s*(?:img|a|iframe|script|style|link|meta|form|object|embed|svg|video|audio|source|base|input|body|html|"
    r"div|span)\b[^>]*>?",
    re.IGNORECASE,
)
_SCHEME = re.compile(
    r"(?<![\w+.-])(?:https?|ftp|wss?|file)://[^\s<>)\]]+|(?<!\w)(?:data|javascript|vbscript):[^\s<>)\]]+", re.I
)
_PROTOCOL_RELATIVE = re.compile(r"(?<![\w:/])//[\w-]+\.[\w.-]+/[^\s)\]]*")
_BARE = re.compile(
    r"(?<![\w@./-])(?:www\.)?(?:[\w-]+\.)+(?:com|net|org|io|dev|app|co|xyz|info|biz|ru|cn|link|site)(?:/[^\s)\]]*)?(?![\w@])",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\s+(?:(?:all|any|the|your|every|of|these|those|previous|prior|"
    r"earlier|above|preceding)\s+){1,4}(?:instructions?|rules?|prompts?|directions?|guidelines?|limits?|orders?|"
    r"messages?)\b"
    r"|\byou are now (?:in|a|an|the)\b|\b(?:reveal|print|repeat|show|output) (?:me )?(?:your|the) (?:system |hidden "
    r"|initial )?(?:prompt|instructions)\b|\bdo not (?:tell|inform|mention (?:this )?to) (?:the )?(?:user|customer|"
    r"person|trader)\b|\b(?:new|updated) (?:system )?instructions?:|\bas an? (?:ai|assistant|language model),? you "
    r"must\b"
    r"|\b(?:developer|admin|jailbreak|dan) mode\b",
    re.IGNORECASE,
)
_ROLES = re.compile(
    r"<\|(?:im_start|im_end|system|user|assistant|endoftext)[^|]*\|>|\[/?INST\]|<</?SYS>>|</?(?:system|untrusted)>|"
    r"(?m:^\s*(?:#{1,4}\s*)?(?:system|assistant)\s*(?:prompt)?\s*:)",
    re.IGNORECASE,
)
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]+")
_JOINED = re.compile("(?<=[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f])\u200d(?=[\U0001f000-\U0001faff\u2600-\u27bf])")


def find_exfiltration(text: str, _: Material) -> Iterator[Finding]:
    """Every way out; of two that overlap the wider one."""
    ways: list[tuple[tuple[int, int], str, str]] = []
    for match in _IMAGE.finditer(text):
        ways.append((match.span(), "an image is fetched when the text is shown", match[1]))
    for match in _MARKED.finditer(text):
        ways.append((match.span(), "a link leads out of the desk", match[1]))
    for pattern, why in (
        (_TAG, "markup that a reader's program may act on"),
        (_DEFINED, "a link is defined for elsewhere in the text"),
        (_SCHEME, "an address leads out of the desk"),
        (_PROTOCOL_RELATIVE, "an address leads out of the desk"),
        (_BARE, "an address leads out of the desk"),
    ):
        ways += [(match.span(), why, "") for match in pattern.finditer(text)]
    last = -1
    for span, why, fix in sorted(ways, key=lambda way: (way[0][0], -way[0][1])):
        if span[0] >= last:
            last = span[1]
            yield found(EXFILTRATION, text, span, why, fix)


def find_injection(text: str, _: Material) -> Iterator[Finding]:
    """Words that give a model orders, marks of a conversation's roles, and signs that nobody sees."""
    joined = {match.start() for match in _JOINED.finditer(text)}
    for pattern, why in ((_ORDERS, "gives a model orders"), (_ROLES, "marks a role of a conversation")):
        for match in pattern.finditer(text):
            yield found(INJECTION, text, match.span(), why, "")
    for match in _HIDDEN.finditer(text):
        if match.start() not in joined:
            yield found(INJECTION, text, match.span(), "holds signs that nobody sees", "")
