"""Runs the migrations on the connection that `engine.store.database` opened (Alembic, "sharing a connection")."""

from alembic import context

from engine.store.schema import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
