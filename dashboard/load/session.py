"""One reader's session at the level of Streamlit's websocket: what a browser sends, without a browser's cost."""

from __future__ import annotations

import secrets
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Common_pb2 import FileUploaderState, UploadedFileInfo
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

PATIENCE = 600.0  # seconds for one answer


class LoadError(Exception):
    """The server answered something that no reader should see."""


class ReaderSession:
    """What one browser tab does: it goes to pages, uploads, presses, chooses, and asks how far the background is.

    Parameters
    ----------
    address : str
        Of the dashboard, without a path.

    Attributes
    ----------
    words : list of str
        The HTML on the page, in the order of drawing.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._address = f"{parts.scheme}://{parts.netloc}"
        self._token = secrets.token_hex(16)
        self._cookie = f"_streamlit_xsrf={self._token}"
        self._tab = ExitStack()
        self._socket: ClientConnection = self._tab.enter_context(
            connect(
                f"ws://{parts.netloc}/_stcore/stream",
                subprotocols=["streamlit"],  # type: ignore[list-item]
                additional_headers={"Cookie": self._cookie},
                max_size=None,
                open_timeout=PATIENCE,
            )
        )
        self._id = self._page = ""
        self._pages: dict[str, str] = {}
        self._widgets: set[str] = set()
        self._fragments: dict[str, float] = {}
        self.words: list[str] = []
        self._run(ClientState())

    def close(self) -> None:
        """Close the tab."""
        self._tab.close()

    def go_to(self, page: str) -> None:
        """Open a page by its place in the address."""
        self._run(ClientState(page_script_hash=self._pages[page]))

    def press(self, key: str) -> None:
        """Press a button."""
        self._change(key, lambda state: setattr(state, "trigger_value", True))

    def choose(self, key: str, option: str) -> None:
        """Choose in a select box."""
        self._change(key, lambda state: setattr(state, "string_value", option))

    def upload(self, key: str, name: str, content: bytes) -> None:
        """Drop a file on an uploader, and wait for what the page makes of it."""
        request = BackMsg()
        request.file_urls_request.request_id = secrets.token_hex(8)
        request.file_urls_request.file_names.append(name)
        request.file_urls_request.session_id = self._id
        self._socket.send(request.SerializeToString())
        urls = next(m for m in self._messages() if m.WhichOneof("type") == "file_urls_response")
        (place,) = urls.file_urls_response.file_urls
        self._put(place.upload_url, name, content)
        info = UploadedFileInfo(file_id=place.file_id, name=name, size=len(content), file_urls=place)
        state = FileUploaderState(uploaded_file_info=[info])
        self._change(key, lambda widget: widget.file_uploader_state_value.CopyFrom(state))

    def keys(self, part: str) -> list[str]:
        """Return the widgets on the page whose key holds a part."""
        return sorted(widget for widget in self._widgets if part in widget)

    def settle(self, done: Callable[[str], bool], patience: float = PATIENCE) -> bool:
        """Ask how far the background is, as the page does by itself, until its words satisfy; False if they do not."""
        ends = time.monotonic() + patience
        while not done(" ".join(self.words)):
            if not self._fragments or time.monotonic() > ends:
                return False
            fragment, interval = next(iter(self._fragments.items()))
            time.sleep(interval)
            self._run(ClientState(fragment_id=fragment, is_auto_rerun=True, page_script_hash=self._page))
        return True

    def _change(self, key: str, put: Callable[[WidgetState], object]) -> None:
        found = self.keys(key)
        if len(found) != 1:
            raise LoadError(f"{len(found)} widgets are called {key}")
        state = ClientState(page_script_hash=self._page)
        widget = state.widget_states.widgets.add()
        widget.id = found[0]
        put(widget)
        self._run(state)

    def _run(self, state: ClientState) -> None:
        """Let the page be drawn, and read it to its end."""
        message = BackMsg()
        message.rerun_script.CopyFrom(state)
        self._socket.send(message.SerializeToString())
        for answer in self._messages():
            self._take(answer)
            if answer.WhichOneof("type") == "script_finished":
                if answer.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue  # the page asked for another one
                return

    def _messages(self) -> Iterator[ForwardMsg]:
        ends = time.monotonic() + PATIENCE
        while True:
            message = ForwardMsg()
            message.ParseFromString(self._socket.recv(max(ends - time.monotonic(), 0.0)))
            yield message

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._begin(message)
        elif kind == "navigation":
            self._pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
            self._page = message.navigation.page_script_hash
        elif kind == "auto_rerun":
            self._fragments[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif kind == "delta":
            self._draw(message.delta)

    def _begin(self, message: ForwardMsg) -> None:
        self._id = message.new_session.initialize.session_id
        self._page = message.new_session.page_script_hash
        if not message.metadata.run.fragment_ids:  # the whole page is drawn anew
            self._widgets.clear()
            self._fragments.clear()
            self.words.clear()

    def _draw(self, delta: Delta) -> None:
        if delta.WhichOneof("type") != "new_element":
            return
        kind = delta.new_element.WhichOneof("type")
        element = getattr(delta.new_element, str(kind))
        if kind == "html":
            self.words.append(element.body)
        elif kind == "exception":
            raise LoadError(element.type)
        elif getattr(element, "id", ""):
            self._widgets.add(element.id)

    def _put(self, url: str, name: str, content: bytes) -> None:
        boundary = secrets.token_hex(16)
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        body = (
            f"{head}Content-Type: application/octet-stream\r\n\r\n".encode()
            + content
            + f"\r\n--{boundary}--\r\n".encode()
        )
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Cookie": self._cookie}
        request = urllib.request.Request(  # noqa: S310 - the address of our own server
            f"{self._address}{url}", body, headers | {"X-Xsrftoken": self._token}, method="PUT"
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            if answer.status != 204:
                raise LoadError(f"the upload was answered by {answer.status}")


@contextmanager
def reading(address: str) -> Iterator[ReaderSession]:
    """Open a session and close it again."""
    session = ReaderSession(address)
    try:
        yield session
    finally:
        session.close()
