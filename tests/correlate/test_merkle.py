"""The tree is that of RFC 9162: the reference's own answers, and laws over trees of any size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.merkle import (
    EMPTY,
    Growing,
    Node,
    extends,
    includes,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    rank,
    root_at,
)

# https://github.com/google/certificate-transparency/blob/master/cpp/merkletree/merkle_tree_test.cc
ENTRIES = (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)  # fmt: skip
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
# https://github.com/transparency-dev/merkle/blob/main/testonly/constants.go: of the eight leaves
FIRST_OF_EIGHT = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
LAST_OF_EIGHT = (
    "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
)
SIZES = st.integers(1, 40)


class Kept:
    """A tree with every whole subtree at hand."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self.nodes: dict[Node, bytes] = {}
        self.growing = Growing()
        for leaf in leaves:
            self.nodes.update(self.growing.add(leaf))

    def __call__(self, nodes: Iterable[Node]) -> Mapping[Node, bytes]:
        return {node: self.nodes[node] for node in nodes}


def numbered(size: int) -> Kept:
    return Kept(leaf_hash(str(number).encode()) for number in range(size))


def reference() -> Kept:
    return Kept(leaf_hash(bytes.fromhex(text)) for text in ENTRIES)


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_the_reference(size: int) -> None:
    tree = Kept(leaf_hash(bytes.fromhex(text)) for text in ENTRIES[:size])
    assert tree.growing.root().hex() == ROOTS[size]
    assert root_at(size, reference()).hex() == ROOTS[size]


def test_the_proofs_are_those_of_the_reference() -> None:
    tree = reference()
    for place, proof in ((0, FIRST_OF_EIGHT), (7, LAST_OF_EIGHT)):
        assert tuple(one.hex() for one in prove_inclusion(place, 8, tree)) == proof
    assert not prove_inclusion(0, 1, tree)


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert Growing().root() == EMPTY == root_at(0, reference())


@given(SIZES, st.data())
def test_a_leaf_is_proved_and_nothing_else_is(size: int, data: st.DataObject) -> None:
    tree = numbered(size)
    place = data.draw(st.integers(0, size - 1))
    root, leaf = tree.growing.root(), tree.nodes[0, place]
    proof = prove_inclusion(place, size, tree)
    assert includes(root, size, leaf, place, proof)
    other = data.draw(st.integers(-1, size + 1).filter(lambda one: one != place))
    assert not includes(root, size, leaf, other, proof)
    assert not includes(root, size, leaf_hash(b"another"), place, proof)
    assert not includes(leaf_hash(b"another"), size, leaf, place, proof)
    assert not includes(root, size, leaf, place, [*proof, root])
    for number in range(len(proof)):
        assert not includes(root, size, leaf, place, proof[:number] + proof[number + 1 :])
        changed = [*proof[:number], leaf_hash(proof[number]), *proof[number + 1 :]]
        assert not includes(root, size, leaf, place, changed)


@given(SIZES, st.data())
def test_a_tree_that_grew_is_proved_and_no_other_is(new: int, data: st.DataObject) -> None:
    tree = numbered(new)
    old = data.draw(st.integers(1, new))
    before, after = root_at(old, tree), tree.growing.root()
    proof = prove_consistency(old, new, tree)
    assert extends(before, old, after, new, proof)
    assert not extends(leaf_hash(before), old, after, new, proof)
    assert not extends(before, old, leaf_hash(after), new, proof)
    assert not extends(before, old, after, new, [*proof, after])
    assert not extends(before, new + 1, after, new, proof)
    assert not extends(before, 0, after, new, proof)
    for number in range(len(proof)):
        assert not extends(before, old, after, new, proof[:number] + proof[number + 1 :])
        changed = [*proof[:number], leaf_hash(proof[number]), *proof[number + 1 :]]
        assert not extends(before, old, after, new, changed)


@given(SIZES, st.data())
def test_a_tree_that_was_rewritten_has_no_proof(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    place = data.draw(st.integers(0, old - 1))
    leaves = [leaf_hash(str(number).encode()) for number in range(new)]
    before = root_at(old, Kept(leaves))
    leaves[place] = leaf_hash(b"rewritten")
    tree = Kept(leaves)
    assert not extends(before, old, tree.growing.root(), new, prove_consistency(old, new, tree))


@given(SIZES)
def test_the_ranks_count_the_subtrees_in_the_order_of_their_growth(size: int) -> None:
    tree = numbered(size)
    assert [rank(node) for node in tree.nodes] == list(range(len(tree.nodes)))


@pytest.mark.parametrize(("place", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_that_is_not_there_has_no_proof(place: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        prove_inclusion(place, size, reference())


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
def test_a_tree_that_is_no_part_has_no_proof(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no such trees"):
        prove_consistency(old, new, reference())
