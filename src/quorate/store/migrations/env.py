"""What alembic runs to migrate: on the connection, and so in the transaction, that it is handed."""

from __future__ import annotations

from alembic import context

from quorate.store.metadata import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
