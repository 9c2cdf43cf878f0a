"""Starts the window: Qt, its look, the loop that joins it with asyncio, and the exception hook."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

import qasync
from PySide6.QtWidgets import QApplication

from limner_app import theme
from limner_app.cycle_collector import CycleCollector
from limner_app.main_window import MainWindow
from limner_app.settings import settings

__all__ = ["MainWindow", "make_app", "open_window", "run", "wait_until"]


def make_app() -> QApplication:
    """The program as Qt knows it, with Limner's look; made once."""
    known = QApplication.instance()
    if isinstance(known, QApplication):
        return known
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Limner")
    app.setApplicationDisplayName("Limner")
    app.setDesktopFileName("limner")
    theme.apply(app, str(settings().value("theme", "system")))
    CycleCollector(app)
    return app


class _Loop(qasync.QEventLoop):  # type: ignore[misc]
    """Runs nothing outside itself.

    Qasync works off waiting events once more after the loop has stopped. Coroutines that go on
    there find no running loop, and break off wherever they wait for something new.
    """

    def run_until_complete(self, future: Awaitable[Any]) -> Any:
        """Run until something is done; what else is waiting goes on with the next call."""
        task = asyncio.ensure_future(future, loop=self)

        def stop(_task: object) -> None:
            self.stop()

        task.add_done_callback(stop)
        try:
            self.run_forever()
        finally:
            task.remove_done_callback(stop)
        if not task.done():
            raise RuntimeError("the loop was stopped before its work was done")
        return task.result()


def make_loop(app: QApplication) -> asyncio.AbstractEventLoop:
    """The loop that serves Qt and asyncio both, made the current one."""
    loop: asyncio.AbstractEventLoop = _Loop(app)
    # The loop's own pool is made of Qt threads, which abort a program that ends before them.
    loop.set_default_executor(ThreadPoolExecutor(2, thread_name_prefix="limner-errand"))
    asyncio.set_event_loop(loop)
    return loop


def open_window(
    project_or_videos: Sequence[Path] = (), *, size: tuple[int, int] | None = None
) -> MainWindow:
    """Make and show a window without running it; works without a screen too.

    Args:
        project_or_videos: What it opens.
        size: Pixels; as remembered if not given.
    """
    app = make_app()
    make_loop(app)
    window = MainWindow()
    if size is not None:
        window.resize(*size)
    window.show()
    if project_or_videos:
        window.open_paths(project_or_videos)
    return window


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Let the window work until something is so; False if that took too long."""

    async def poll() -> bool:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.01)
        return True

    return bool(asyncio.get_event_loop().run_until_complete(poll()))


def run(project_or_videos: Sequence[Path], sample: bool = False) -> int:
    """Open the window and stay until it is closed.

    Args:
        project_or_videos: A project or videos to open at once.
        sample: Open the sample clip.

    Returns:
        The exit status, 0.
    """
    app = make_app()
    loop = make_loop(app)
    window = MainWindow()

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
        else:
            window.messages.report(error.with_traceback(trace))

    sys.excepthook = hook
    app.setQuitOnLastWindowClosed(False)
    window.show()
    if sample:
        window.open_sample()
    elif project_or_videos:
        window.open_paths(list(project_or_videos))
    try:
        loop.run_until_complete(window.closed.wait())
    finally:
        loop.close()
    return 0
