"""A bounded queue in which no client can keep another one waiting: round robin over clients, first come first served
within each."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Sequence

from codegrey.serve.ticket import Stop, TaskError, Ticket


class FairQueue:
    """Tickets that wait, by client."""

    def __init__(self, *, limit: int, client_limit: int) -> None:
        self._limit = limit
        self._client_limit = client_limit
        self._lanes: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def clients(self) -> tuple[str, ...]:
        """The clients that wait, the next one first."""
        return tuple(self._lanes)

    def add(self, ticket: Ticket) -> None:
        """Put a ticket at the end of its client's lane.

        :raises TaskError: with ``Stop.QUEUE`` if the queue or the client's lane is full.
        """
        lane = self._lanes.get(ticket.client)
        if self._length >= self._limit or (lane is not None and len(lane) >= self._client_limit):
            raise TaskError(Stop.QUEUE, str(self._length), retry_after=2)
        if lane is None:
            lane = self._lanes[ticket.client] = deque()
        lane.append(ticket)
        self._length += 1

    def push_front(self, ticket: Ticket) -> None:
        """Put a ticket before all others: one that has to be answered again. Never refused."""
        self._lanes.setdefault(ticket.client, deque()).appendleft(ticket)
        self._lanes.move_to_end(ticket.client, last=False)
        self._length += 1

    def pop(self) -> Ticket | None:
        """The next ticket; its client goes to the end of the round."""
        if not self._lanes:
            return None
        client, lane = self._lanes.popitem(last=False)
        ticket = lane.popleft()
        if lane:
            self._lanes[client] = lane
        self._length -= 1
        return ticket

    def remove(self, ticket: Ticket) -> bool:
        """Take a ticket out; return whether it was in."""
        lane = self._lanes.get(ticket.client)
        if lane is None or ticket not in lane:
            return False
        lane.remove(ticket)
        if not lane:
            del self._lanes[ticket.client]
        self._length -= 1
        return True

    def drain(self) -> list[Ticket]:
        """Take out all tickets."""
        tickets = [ticket for lane in self._lanes.values() for ticket in lane]
        self._lanes.clear()
        self._length = 0
        return tickets


def over_its_share(running: Sequence[Ticket], waiting: Sequence[str]) -> Ticket | None:
    """The oldest ticket of the client that runs most, if that is more than its share while another client waits.

    The share is the same for every client that runs or waits, and at least one.
    """
    held = Counter(ticket.client for ticket in running)
    if not held:
        return None
    client, most = held.most_common(1)[0]
    if not set(waiting) - {client} or most <= max(1.0, len(running) / len(set(waiting) | set(held))):
        return None
    return min((ticket for ticket in running if ticket.client == client), key=lambda ticket: ticket.started)
