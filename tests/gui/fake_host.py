"""A Host without processes: remembers what was asked, says what the test tells it to say. Loaded by its path."""

from explorer.host.messages import Answer, EngineState, FrameArrived, SourceState


class FakeHost:
    """Remembers what was asked, says what the test tells it to say."""

    def __init__(self, wake):
        self.wake = wake
        self.asked = []
        self.followed = {}
        self.sources = []
        self.stopped = []
        self.held = {}
        self.closed = False
        self.language = ""
        self._events = []
        self._generation = 0

    def start(self, kind):
        self.asked.append(("start", kind))

    def restart(self, kind):
        self.asked.append(("restart", kind))

    def submit(self, channel, request, frame=None):
        self._generation += 1
        self.asked.append((channel, request, frame))
        return self._generation

    def stop(self, channel):
        self.stopped.append(channel)

    def hold(self, channel, on):
        self.held[channel] = on
        return True

    def follow(self, channel, request):
        self._generation += 1
        self.followed[channel] = request
        return self._generation

    def open_source(self, request):
        self.sources.append(request)
        return len(self.sources)

    def allow_stream(self, address):
        self.asked.append(("allow", address))

    def peek(self, request):
        self.asked.append(("peek", request))
        return len(self.asked)

    def end_peek(self):
        self.asked.append(("end peek",))

    def pause_source(self, paused):
        self.asked.append(("pause", paused))

    def seek_source(self, index):
        self.asked.append(("seek", index))

    def step_source(self, by):
        self.asked.append(("step", by))

    def close_source(self):
        self.asked.append(("close source",))

    def record(self, targets, look=None, *, whole=False):
        self.asked.append(("record", targets) if targets is None else ("record", targets, look, whole))

    def use_language(self, language):
        self.language = language

    def drain(self):
        found, self._events = self._events, []
        return found

    def close(self, budget_s=3.0):
        self.closed = True

    # -- what a test says in the children's place ------------------------------------------------------------------------
    def say(self, *events):
        self._events += events
        self.wake()

    def answer(self, channel, event):
        self.say(Answer(channel, self._generation, event))

    def frame(self, frame, **facts):
        self.say(FrameArrived(frame, **facts))

    def source(self, **facts):
        self.say(SourceState(**facts))

    def engine(self, kind, **facts):
        self.say(EngineState(kind, **facts))

    def requests(self, channel):
        return [asked[1] for asked in self.asked if asked[0] == channel]
