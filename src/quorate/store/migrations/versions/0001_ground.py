"""The first tables: marks, keys, calls and their attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Ordered by its bytes in PostgreSQL too, whatever the language of the server.
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TOKEN_CLASSES = (
    "input",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "input_audio",
    "input_image",
    "output",
    "reasoning",
    "output_audio",
    "output_image",
    "searches",
    "characters",
    "images",
    "sound_seconds",
)


def upgrade() -> None:
    marks()
    keys()
    calls()
    indexes_of_calls()
    attempts()
    sign_ins()
    answers()
    answer_events()
    conversations()
    messages()
    bodies()
    repeats()


def marks() -> None:
    op.create_table(
        "marks",
        sa.Column("name", WORDS, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )


def keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", WORDS, primary_key=True),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("hash", WORDS, nullable=False, unique=True),
        sa.Column("shown", WORDS, nullable=False),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("models", WORDS, nullable=False),
        sa.Column("requests_per_minute", sa.BigInteger),
        sa.Column("tokens_per_minute", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
        sa.Column("last_used_at", sa.BigInteger),
        sa.Column("keep_bodies", sa.Boolean, nullable=False),
        sa.Column("is_admin", sa.Boolean, nullable=False),
    )


def calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", WORDS, primary_key=True),
        sa.Column("request_id", WORDS, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("first_byte_seconds", sa.Double),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("key_id", WORDS, nullable=False),
        sa.Column("front", WORDS, nullable=False),
        sa.Column("operation", WORDS, nullable=False),
        sa.Column("path", WORDS, nullable=False),
        sa.Column("model", WORDS, nullable=False),
        sa.Column("stream", sa.Boolean, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("outcome", WORDS, nullable=False),
        sa.Column("provider", WORDS, nullable=False),
        sa.Column("answered_model", WORDS, nullable=False),
        sa.Column("road", WORDS, nullable=False),
        sa.Column("decision", WORDS, nullable=False),
        sa.Column("fidelity", WORDS, nullable=False),
        sa.Column("tags", WORDS, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in TOKEN_CLASSES),
        sa.Column("usage_quality", WORDS, nullable=False),
        sa.Column("stated_cost", sa.BigInteger),
        sa.Column("cost", sa.BigInteger),
        sa.Column("price_rule", WORDS, nullable=False),
        sa.Column("error", WORDS, nullable=False),
        sa.Column("attempt_count", sa.Integer, nullable=False),
        sa.Column("upstream_seconds", sa.Double),
        sqlite_with_rowid=False,
    )


def indexes_of_calls() -> None:
    failed = sa.text("outcome <> 'answered'")
    op.create_index(op.f("ix_calls_scope_id"), "calls", ["scope", "id"])
    op.create_index(op.f("ix_calls_key_id_id"), "calls", ["key_id", "id"])
    op.create_index(op.f("ix_calls_model_id"), "calls", ["model", "id"])
    op.create_index(op.f("ix_calls_provider_id"), "calls", ["provider", "id"])
    op.create_index(
        op.f("ix_calls_outcome_id"),
        "calls",
        ["outcome", "id"],
        sqlite_where=failed,
        postgresql_where=failed,
    )


def attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("call_id", WORDS, sa.ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("target", WORDS, nullable=False),
        sa.Column("outcome", WORDS, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("detail", WORDS, nullable=False),
        sa.Column("cost", sa.BigInteger),
        sa.Column("estimated", sa.Boolean, nullable=False),
    )


def sign_ins() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("hash", WORDS, primary_key=True),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("key_id", WORDS, sa.ForeignKey("keys.id", ondelete="CASCADE"), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )


def conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", WORDS, primary_key=True),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("tip", WORDS, nullable=False),
        sa.Column("model", WORDS, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_index(op.f("ix_conversations_scope_updated_at"), "conversations", ["scope", "updated_at"])


def messages() -> None:
    op.create_table(
        "messages",
        sa.Column("scope", WORDS, primary_key=True),
        sa.Column("hash", WORDS, primary_key=True),
        sa.Column("parent", WORDS, nullable=False),
        sa.Column("conversation_id", WORDS, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("message", WORDS, nullable=False),
        sa.Column("folded", WORDS, nullable=False),
        sa.Column("about", WORDS, nullable=False),
        sa.Column("model", WORDS, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index(op.f("ix_messages_scope_created_at"), "messages", ["scope", "created_at"])
    op.create_index(op.f("ix_messages_conversation_id"), "messages", ["conversation_id"])


def answers() -> None:
    op.create_table(
        "answers",
        sa.Column("id", WORDS, primary_key=True),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("parent", WORDS, nullable=False),
        sa.Column("is_whole", sa.Boolean, nullable=False),
        sa.Column("provider", WORDS, nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("background", sa.Boolean, nullable=False),
        sa.Column("stream", sa.Boolean, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("input", WORDS, nullable=False),
        sa.Column("answer", WORDS, nullable=False),
    )
    op.create_index(op.f("ix_answers_scope_name_id"), "answers", ["scope", "name", "id"])


def answer_events() -> None:
    op.create_table(
        "answer_events",
        sa.Column("answer_id", WORDS, sa.ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("data", WORDS, nullable=False),
    )


def bodies() -> None:
    op.create_table(
        "bodies",
        sa.Column("call_id", WORDS, primary_key=True),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("key_id", WORDS, nullable=False),
        sa.Column("redacted", sa.Boolean, nullable=False),
        sa.Column("asked", sa.LargeBinary, nullable=False),
        sa.Column("asked_size", sa.BigInteger, nullable=False),
        sa.Column("asked_truncated", sa.Boolean, nullable=False),
        sa.Column("answered", sa.LargeBinary, nullable=False),
        sa.Column("answered_size", sa.BigInteger, nullable=False),
        sa.Column("answered_truncated", sa.Boolean, nullable=False),
    )
    for column in ("scope", "key_id"):
        op.create_index(op.f(f"ix_bodies_{column}_call_id"), "bodies", [column, "call_id"])


def repeats() -> None:
    op.create_table(
        "repeats",
        sa.Column("scope", WORDS, primary_key=True),
        sa.Column("name", WORDS, primary_key=True),
        sa.Column("fingerprint", WORDS, nullable=False),
        sa.Column("owner", WORDS, nullable=False),
        sa.Column("leased_until", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("headers", WORDS, nullable=False),
        sa.Column("model", WORDS, nullable=False),
        sa.Column("stream", sa.Boolean, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
    )
    op.create_index(op.f("ix_repeats_expires_at"), "repeats", ["expires_at"])
