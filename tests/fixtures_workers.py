"""Two workers that take file after file: an end to the suite also when one of them dies, and failures told as they happen."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling


class LastingFiles(LoadFileScheduling):
    """Whole files in turn, as `--dist loadfile`, and the suite still comes to its end when a worker dies in the middle.

    Theirs hands everything the dead one ever had to the next: finished files, after which a worker waits for ever for more
    to do, and the test that it died in, which may kill the next one too.
    """

    def remove_node(self, node):
        """The test that `node` died in, if any (it fails); what was not begun goes to the others, first of all."""
        left = {file: tests for file, tests in self.assigned_work.pop(node).items() if not all(tests.values())}
        if not left:
            return None
        file, tests = next(iter(left.items()))
        died_in = next(test for test, done in tests.items() if not done)
        tests[died_in] = True
        if all(tests.values()):
            del left[file]
        for file in reversed(left):
            self.workqueue[file] = left[file]
            self.workqueue.move_to_end(file, last=False)
        for other in self.assigned_work:
            self._reschedule(other)
        return died_in


class ToldAtOnce:
    """A failure is written when it happens: a suite that is ended from outside has not lost what it found."""

    def __init__(self, config):
        self.config = config

    def pytest_runtest_logreport(self, report):
        if report.failed:
            terminal = self.config.pluginmanager.get_plugin("terminalreporter")
            terminal.ensure_newline()
            terminal.write_line(f"{report.nodeid} ({report.when}):")
            terminal.write_line("\n".join(report.longreprtext.splitlines()[-40:]))
