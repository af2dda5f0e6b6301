"""Full-text search that is exact for Chinese, on PostgreSQL without any extension (measurements.md 7).

A searchable row keeps ``body`` (folded text) and ``tokens`` (a tsvector of 2-grams). A query word is
found where the body contains it, punctuation included; the GIN index on the tokens narrows the
search and the substring recheck makes it exact. Words are separated by spaces, and all must occur.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Func, Lookup, Value

from common.text import fold, is_one_token, query_tokens, tokens

Q = TypeVar("Q", bound="models.QuerySet[Any]")
LONGEST = 50  # characters of a query; more narrows nothing down


@SearchVectorField.register_lookup
class HasTokens(Lookup):
    """``tokens__has=["服务", "务群"]``: the row has every one of them."""

    lookup_name = "has"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        query = " & ".join(f"'{token}'" for token in self.rhs)  # letters, digits and Chinese only
        return f"{column} @@ %s::tsquery", [*params, query]


def searchable(parts: Iterable[str]) -> str:
    """What is kept as ``body``: the parts folded, each on a line of its own."""
    return fold("\n".join(part for part in parts if part))


def vector(body: str) -> Func:
    """The tokens of ``body`` as an expression to save."""
    return Func(
        Value(tokens(body), output_field=ArrayField(models.TextField())),
        template="array_to_tsvector(%(expressions)s::text[])",
        output_field=SearchVectorField(),
    )


def words(text: str) -> list[str]:
    """The words of a query, folded."""
    return fold(text[:LONGEST].replace("\0", " ")).split()


def matching(rows: Q, text: str) -> Q:
    """``rows`` whose ``body`` contains every word of ``text``."""
    for word in words(text):
        if found := query_tokens(word):
            rows = rows.filter(tokens__has=found)
        if not is_one_token(word):
            rows = rows.filter(body__contains=word)
    return rows
