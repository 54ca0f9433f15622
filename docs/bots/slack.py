"""A Slack bot that explains why pip could not download.

Takes `pip install slack_bolt httpx`, and in the environment SLACK_BOT_TOKEN,
SLACK_SIGNING_SECRET and PIPCERT_URL. Mention the bot with a log that fits a message. Slack keeps
what was said, so the bot keeps nothing: the log is read from the thread again when a button is
pressed.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any

import httpx
from slack_bolt import App

_LONGEST = 2900  # characters that a block of Slack may have


def as_it_was(text: str) -> str:
    """Undo what Slack makes of a message: links and mentions in brackets, and three entities."""
    bare = re.sub(r"<(?:[^<>|]*\|)?([^<>|]*)>", r"\1", text)
    return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def explained(message: str, context: dict[str, str]) -> dict[str, Any]:
    """Ask the server about the log in a message."""
    token = os.environ.get("PIPCERT_TOKEN")
    reply = httpx.post(
        f"{os.environ['PIPCERT_URL']}/v1/explain",
        json={"log": as_it_was(message), "context": context},
        headers={"Authorization": f"Bearer {token}"} if token else {},
        timeout=30,
    )
    found: dict[str, Any] = reply.json()
    if reply.is_success:
        return found
    said = f"{found['title']}. {found.get('detail', '')}"
    return {"summary": said, "chat": {"short": said}, "questions": []}


def blocks(report: dict[str, Any], context: dict[str, str]) -> list[dict[str, Any]]:
    """Return the answer as blocks: plain text, in which nothing of a log is a link or a mention."""
    said = {"type": "plain_text", "text": report["chat"]["short"][:_LONGEST], "emoji": False}
    found: list[dict[str, Any]] = [{"type": "section", "text": said}]
    for question in report["questions"][:1]:
        words = "\n".join([question["text"], *(c["command"] for c in question["commands"][:1])])
        asked = {"type": "plain_text", "text": words[:_LONGEST], "emoji": False}
        found.append({"type": "section", "text": asked})
        buttons = [
            {
                "type": "button",
                "action_id": f"answer-{place}",
                "text": {"type": "plain_text", "text": answer["text"][:75]},
                "value": json.dumps({**context, question["id"]: answer["id"]}),
            }
            for place, answer in enumerate(question["answers"])
        ]
        found.append({"type": "actions", "elements": buttons})
    return found


def create(**settings: Any) -> App:
    """Return the bot."""
    app = App(**settings)

    @app.event("app_mention")
    def explain(event: dict[str, Any], say: Any) -> None:
        report = explained(event["text"], {})
        thread = event.get("thread_ts", event["ts"])
        say(text=report["summary"], blocks=blocks(report, {}), thread_ts=thread)

    @app.action(re.compile("^answer-"))
    def go_on(ack: Any, body: dict[str, Any], client: Any, say: Any) -> None:
        ack()
        context = json.loads(body["actions"][0]["value"])
        thread = body["message"].get("thread_ts", body["message"]["ts"])
        first = client.conversations_replies(channel=body["channel"]["id"], ts=thread, limit=1)
        report = explained(first["messages"][0]["text"], context)
        say(text=report["summary"], blocks=blocks(report, context), thread_ts=thread)

    return app


if __name__ == "__main__":
    create(
        token=os.environ["SLACK_BOT_TOKEN"], signing_secret=os.environ["SLACK_SIGNING_SECRET"]
    ).start(port=int(os.environ.get("PORT", "3000")))
