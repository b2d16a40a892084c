from __future__ import annotations

from hashlib import sha256

from desk.ledger.merkle import MerkleTree, leaf_hash, proves_consistency, proves_inclusion

# The test tree of Certificate Transparency (RFC 6962 reference implementation): eight leaves and their root.
CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def test_the_known_tree_has_the_known_root():
    tree = MerkleTree()
    assert tree.root() == sha256(b"").digest()
    for leaf in CT_LEAVES:
        tree.append(leaf_hash(bytes.fromhex(leaf)))
    assert tree.root().hex() == CT_ROOT


def test_roots_and_proofs_for_every_size_to_seventy():
    leaves = [leaf_hash(b"%d" % n) for n in range(70)]
    tree = MerkleTree()
    for leaf in leaves:
        tree.append(leaf)
    wrong = leaf_hash(b"forged")
    proofs = 0
    for size in range(1, 71):
        root = tree.root(size)
        assert root == naive_root(leaves[:size])
        for index in range(size):
            path = tree.inclusion(index, size)
            assert proves_inclusion(leaves[index], index, size, path, root)
            assert not proves_inclusion(wrong, index, size, path, root)
            assert not proves_inclusion(leaves[index], (index + 1) % size, size, path, root) or size == 1
            assert not proves_inclusion(leaves[index], index, size, path, wrong)
            assert not proves_inclusion(leaves[index], index, size, [*path, wrong], root)
            assert not path or not proves_inclusion(leaves[index], index, size, path[:-1], root)
            proofs += 1
        for old in range(1, size + 1):
            path = tree.consistency(old, size)
            assert proves_consistency(old, size, tree.root(old), root, path)
            assert not proves_consistency(old, size, wrong, root, path)
            assert not proves_consistency(old, size, tree.root(old), wrong, path)
            assert not proves_consistency(old, size, tree.root(old), root, [*path, wrong])
            proofs += 1
    assert proofs == 4970
