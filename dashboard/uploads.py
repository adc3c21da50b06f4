"""Uploaded files are let go of as soon as they were read: Streamlit would hold them until the session ends.

It holds them in memory (`MemoryUploadedFileManager`, the only one that its server offers), after they were received on
the disk; so the size of an upload, and how many sessions upload at once, is what memory must be enough for.
"""

from __future__ import annotations

from collections.abc import Iterable

from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile


def release(files: Iterable[UploadedFile]) -> None:
    """Let go of files that this session has uploaded."""
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    for file in files:
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def held(session: str) -> int:
    """How many bytes a session has uploaded and not let go of."""
    manager = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    if not isinstance(manager, MemoryUploadedFileManager):
        return 0
    return sum(len(file.data) for file in list(manager.file_storage.get(session, {}).values()))
