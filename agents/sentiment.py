"""Market Sentiment: a score per asset, the headlines behind it, the trend."""

from __future__ import annotations

import re

from pydantic import Field

from agents.agent import Agent, Turn
from agents.answers import AgentAnswer, Card
from agents.second_vote import second_vote
from tools.sentiment import HeadlineRow, ReadSentiment, SentimentRow, read_sentiment

MOST = 4
_MARKET = re.compile(r"\b(?:markets?|stocks?|shares|equities|indices|index|overall|in general|mood|wall street)\b")
_BARE = re.compile(
    r"\W*(?:(?:any|the|whats?|s|what|is|are|was|latest|recent|news|headlines?|sentiment|today|now|please|pls|how|new"
    r"|show|me|us|give|get|there|up|in|happening|people|saying|everyone|do|does|think|feel|feeling|this|week|morning"
    r"|day|month|good|bad|and|or|a|summary|read|tell|lately|right|of|ok|so|hi|hello)\b\W*)*"
)
"""A question that names nothing: it is about the market as a whole."""


class SentimentAnswer(AgentAnswer):
    """`moods` maps instrument to its mood in words."""

    moods: dict[str, str] = Field(default_factory=dict)


def plan(turn: Turn) -> AgentAnswer:
    """The instruments named; the indices when the question is about the market as a whole."""
    named, words = [i.id for i in turn.request.instruments][:MOST], turn.request.words
    if not named and (_MARKET.search(words) or _BARE.fullmatch(words)):
        named = [i.id for i in turn.context.sight.instruments if i.asset_class.value == "index"][:MOST]
    if not named:
        return SentimentAnswer(text="I know no instrument of that name, so I have no headlines on it.", abstained=True)
    found = turn.call(read_sentiment, ReadSentiment(instruments=tuple(named)))
    heard = [row for row in found.rows if row.headlines]
    silent = [f"{row.name} ({row.instrument})" for row in found.rows if not row.headlines]
    quiet = f"No headline in the last month on {', '.join(silent)}." if silent else ""
    if not heard:
        text = f"{quiet} Without news there is no score."
        return SentimentAnswer(text=text, abstained=True, quoted=tuple(silent))
    parts = [*(_describe(row) for row in heard), quiet]
    parts.append(f"Headlines are {found.source}; the score is by rules, without a language model.")
    lines = [line for row in heard for line in row.headlines]
    titles = (*(line.title for line in lines), *(words for line in lines for words in line.words))
    return SentimentAnswer(
        text="\n\n".join(part for part in parts if part),
        quoted=(*titles, *silent, *(f"{row.name} ({row.instrument})" for row in heard), found.source),
        cards=tuple(_card(row, found.source) for row in heard),
        moods={row.instrument: row.mood for row in heard},
    )


def _describe(row: SentimentRow) -> str:
    versus = f": {row.recent} in the last week, {row.before} before" if row.recent and row.before else ""
    lines = [
        f"**{row.name} ({row.instrument})**: {row.mood}, score {row.score} from {row.count}; {row.trend}{versus}",
        *(
            f"- {line.published}: “{line.title}” ({line.score}, confidence {line.confidence}{_why(line)})"
            for line in row.headlines
        ),
    ]
    return "\n".join(lines)


def _why(line: HeadlineRow) -> str:
    return f"; by {', '.join(line.words)}" if line.words else "; no word that counts"


def _card(row: SentimentRow, source: str) -> Card:
    return Card(
        kind="headlines",
        title=f"Headlines on {row.name}",
        body={
            "instrument": row.instrument,
            "mood": row.mood,
            "trend": row.trend,
            "label": source,
            "headlines": [
                {
                    "title": line.title,
                    "source": line.source,
                    "published": line.published,
                    "score": line.value,
                    "label": line.sounds,
                    "confidence": line.sure,
                    "words": list(line.words),
                }
                for line in row.headlines
            ],
        },
    )


def build() -> Agent:
    """The agent."""
    return Agent(
        name="sentiment",
        title="Market sentiment",
        purpose="how the headlines on an asset sound, with the headlines",
        tools=(read_sentiment,),
        answer=SentimentAnswer,
        plan=plan,
        second=second_vote,
    )
