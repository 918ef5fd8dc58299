"""What every verifier written in code must make of an issuer's answers, whole and broken."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.model import KindId, Liveness, LivenessState
from correlate.ports import Issuer
from correlate.secret import Secret
from tests.connectors.wire import ANY_SERVER, Answerer, Asked, Told, answering, raw
from tests.services import free_port

NAMES = frozenset({"live", "limited", "dead", "rate limited"})
STATUSES = (
    200,
    201,
    204,
    301,
    400,
    401,
    403,
    404,
    407,
    408,
    410,
    418,
    429,
    451,
    500,
    502,
    503,
    504,
)
TYPES = ("application/json", "text/xml", "application/xml", "text/plain", "text/html", "")
Mutation = Callable[[bytes, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Scene:
    """A credential, what its issuer says of it, and what that means."""

    secret: Secret
    answer: Answerer
    state: LivenessState


def always(told: Told) -> Answerer:
    return lambda _: told


class StatesContract:
    """Subclasses give `connect`, the `scenes` by their names, and of the names that are missing why
    there can be `never` one. `rejects` is the issuer's own rejection, told a second time.
    `typed`: an answer counts only under the media type that the issuer gives it.
    """

    now: ClassVar[datetime] = datetime(2026, 3, 1, 8, tzinfo=UTC)
    kind: ClassVar[KindId]
    scenes: ClassVar[Mapping[str, Scene]]
    never: ClassVar[Mapping[str, str]] = {}
    typed: ClassVar[bool] = True

    def connect(self, base: str, timeout_s: float = 5.0) -> Issuer:
        raise NotImplementedError

    def rejects(self, asked: Asked, told: Told) -> bool:  # noqa: ARG002  # for those that have one
        return False

    def told(self, secret: Secret, answer: Answerer) -> Liveness:
        with answering(answer) as base:
            return self.connect(base).verify(self.kind, secret, self.now)

    @property
    def decided(self) -> list[Scene]:
        """The scenes whose answers decide: what breaks them must undo that."""
        return [one for one in self.scenes.values() if one.state is not LivenessState.RATE_LIMITED]

    def test_every_state_has_a_scene_or_a_reason(self) -> None:
        assert set(self.scenes) | set(self.never) == NAMES
        assert not set(self.scenes) & set(self.never)
        for name, scene in self.scenes.items():
            found = self.told(scene.secret, scene.answer)
            assert (found.state, bool(found.reason)) == (scene.state, True), name

    @pytest.mark.parametrize("name", sorted(ANY_SERVER))
    def test_what_any_server_may_say_proves_nothing(self, name: str) -> None:
        limited = LivenessState.RATE_LIMITED if name == "rate limited" else LivenessState.UNKNOWN
        for scene in self.decided:
            found = self.told(scene.secret, always(ANY_SERVER[name]))
            assert (found.state, bool(found.reason)) == (limited, True)

    @pytest.mark.parametrize("status", [301, 407, 408, 418, 429, 500, 502, 503, 504])
    def test_true_words_under_another_status_prove_nothing(self, status: int) -> None:
        for scene in self.decided:
            found = self.told(scene.secret, _with(scene.answer, status=status))
            assert found.state in (LivenessState.UNKNOWN, LivenessState.RATE_LIMITED)

    @pytest.mark.parametrize("sort", ["text/html; charset=utf-8", "application/octet-stream", ""])
    def test_true_words_as_something_else_prove_nothing(self, sort: str) -> None:
        if not self.typed and "html" not in sort:
            pytest.skip("its answers are proved by what is in them")
        for scene in self.decided:
            found = self.told(scene.secret, _with(scene.answer, content_type=sort))
            assert found.state is LivenessState.UNKNOWN

    def test_an_answer_cut_short_proves_nothing(self) -> None:
        for scene in self.decided:
            for cut in (
                lambda body: body[:0],
                lambda body: body[:1],
                lambda body: body[: len(body) // 2],
                lambda body: body[:-1],
            ):
                found = self.told(scene.secret, _changed(scene.answer, cut))
                assert found.state is LivenessState.UNKNOWN

    def test_an_answer_that_ends_before_its_promised_length_proves_nothing(self) -> None:
        for scene in self.decided:
            found = self.told(scene.secret, _with(scene.answer, promised=1_000_000))
            assert found.state is LivenessState.UNKNOWN

    def test_silence_a_broken_line_and_a_closed_door_prove_nothing(self) -> None:
        given_up = threading.Event()

        def wait(_: socket.socket) -> None:
            given_up.wait(60)

        for scene in self.decided:
            with raw(lambda _: None) as base:
                self._unknown(scene, base)
            self._unknown(scene, f"http://127.0.0.1:{free_port()}")
            with raw(wait) as base:
                self._unknown(scene, base, 0.1)
                given_up.set()
            given_up.clear()

    def _unknown(self, scene: Scene, base: str, timeout_s: float = 5.0) -> None:
        found = self.connect(base, timeout_s).verify(self.kind, scene.secret, self.now)
        assert (found.state, bool(found.reason)) == (LivenessState.UNKNOWN, True)

    def test_nothing_but_the_rejection_itself_is_a_death(self) -> None:
        """Whatever stands in the answer, under whatever status and type: bytes of the real ones,
        cut, mixed and doubled.
        """
        seen: list[bool] = []
        change: list[tuple[Answerer, Answerer, Mutation, int | None, str | None]] = []

        def answer(asked: Asked) -> Told:
            first, second, mutate, status, sort = change[-1]
            told = first(asked)
            told = replace(
                told,
                body=mutate(told.body, second(asked).body),
                status=told.status if status is None else status,
                content_type=told.content_type if sort is None else sort,
            )
            seen.append(self.rejects(asked, told))
            return told

        names = st.sampled_from(sorted(self.scenes))
        with answering(answer) as base:

            @given(names, names, MUTATIONS, st.none() | STATUS, st.none() | TYPE)
            def ask(
                one: str, other: str, mutate: Mutation, status: int | None, sort: str | None
            ) -> None:
                answers = (self.scenes[name].answer for name in (one, other))
                change.append((*answers, mutate, status, sort))  # type: ignore[arg-type]
                for asker in {one, "dead"} & set(self.scenes):
                    secret = self.scenes[asker].secret
                    found = self.connect(base).verify(self.kind, secret, self.now)
                    assert found.state is not LivenessState.DEAD or seen[-1]

            ask()


STATUS, TYPE = st.sampled_from(STATUSES), st.sampled_from(TYPES)
PLACE = st.floats(0, 1)


def _cut(one: float, other: float) -> Mutation:
    return lambda body, _: body[_at(body, one) : _at(body, other)]


def _without(one: float, other: float) -> Mutation:
    return lambda body, _: body[: _at(body, one)] + body[_at(body, other) :]


def _replaced(place: float, word: bytes) -> Mutation:
    return lambda body, _: body[: _at(body, place)] + word + body[_at(body, place) + len(word) :]


def _mixed(one: float, other: float) -> Mutation:
    return lambda body, more: body[: _at(body, one)] + more + body[_at(body, other) :]


def _at(body: bytes, place: float) -> int:
    return int(place * len(body))


MUTATIONS: st.SearchStrategy[Mutation] = st.one_of(
    st.just(lambda body, _: body),
    st.just(lambda _, more: more),
    st.just(lambda body, more: body + more),
    st.builds(_cut, PLACE, PLACE),
    st.builds(_without, PLACE, PLACE),
    st.builds(_mixed, PLACE, PLACE),
    st.builds(_replaced, PLACE, st.binary(min_size=1, max_size=4)),
)


def _with(answer: Answerer, **changes: object) -> Answerer:
    return lambda asked: replace(answer(asked), **changes)  # type: ignore[arg-type]


def _changed(answer: Answerer, change: Callable[[bytes], bytes]) -> Answerer:
    def changed(asked: Asked) -> Told:
        told = answer(asked)
        return replace(told, body=change(told.body))

    return changed
