"""What a visitor posts along who has answered the question of a public form."""

import time

from common.challenge import Question


def question(seconds_ago=60):
    return Question(Question.new().number, time.time() - seconds_ago)


def solved(asked=None):
    """``client.post(url, {"text": …, **solved()})``: a question that was shown a minute ago, and its answer."""
    asked = asked or question()
    return {"challenge": asked.token, "challenge_answer": str(asked.answer)}
