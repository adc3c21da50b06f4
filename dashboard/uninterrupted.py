"""What a click does is done whole: Streamlit may break off a callback whenever it touches the session's state.

A newer request from the browser (a box that lost the focus, a map that reports itself) is served by raising in the
middle of what runs; the click that is broken off would be lost, and a signature with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from streamlit.runtime.scriptrunner import RerunException, get_script_run_ctx

_P = ParamSpec("_P")
_MOST = 100  # requests in a row, after which a click is given up


def uninterrupted(act: Callable[_P, object]) -> Callable[_P, None]:
    """Do something again from its beginning whenever it was broken off; what broke it off is served afterwards.

    Parameters
    ----------
    act : callable
        Touches the session's state before it changes anything that lasts, or finds its change made the next time.
        It must not ask for a new run itself (``st.rerun``): it would be done again and again.
    """

    @wraps(act)
    def done(*args: _P.args, **kwargs: _P.kwargs) -> None:
        asked: list[RerunException] = []
        while len(asked) < _MOST:
            try:
                act(*args, **kwargs)
                break
            except RerunException as request:  # raised once; a session that has ended raises at every touch
                asked.append(request)
        if asked:
            _ask_again(asked[:-1])
            raise asked[-1]

    return done


def _ask_again(requests: list[RerunException]) -> None:
    """Put requests back into Streamlit's queue, which joins them: a click in one of them is kept."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None and context.script_requests is not None:
        for request in requests:
            context.script_requests.request_rerun(request.rerun_data)
