"""What all sessions share is ready before a reader waits for it."""

from __future__ import annotations

import engine
from dashboard import cache
from engine.models import checkpoint


def test_the_warm_up_loads_every_shipped_model_once() -> None:
    thread = cache.warm_up()
    assert cache.warm_up() is thread
    thread.join(timeout=300)
    assert {model.task for model in checkpoint._shared.values()} >= set(engine.TASKS)
