"""Near-duplicate pictures by perceptual hash, so that copies never stand on both sides of a split.

Difference hash: N. Krawetz, Kind of Like That, 2013: whether each cell of a coarse picture is brighter than the one to
its left. Exposure, size and small marks do not change it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from engine.preprocess.image import resize

SIDE = 16  # cells of the coarse picture, down and across
REACH = 64  # differing bits of 256 up to which two pictures count as one; unrelated ones differ in about 110


def picture_hash(grey: NDArray[np.float32]) -> NDArray[np.bool_]:
    """256 bits of a picture ``(rows, columns)`` of display values."""
    coarse = resize(grey, SIDE, SIDE + 1).numpy()  # (16, 17)
    return np.asarray(coarse[:, 1:] > coarse[:, :-1]).ravel()


def duplicate_groups(hashes: NDArray[np.bool_], *, reach: int = REACH) -> NDArray[np.int32]:
    """Number the groups of pictures that are alike, directly or through others.

    Parameters
    ----------
    hashes : numpy.ndarray
        ``(N, bits)``.

    Returns
    -------
    numpy.ndarray
        ``(N,)``: the group of each picture.

    Examples
    --------
    >>> duplicate_groups(np.array([[0, 0, 0], [1, 1, 1], [0, 0, 1]], dtype=bool), reach=1)
    array([0, 1, 0], dtype=int32)
    """
    bits = hashes.astype(np.int32)  # (N, bits)
    apart = bits @ (1 - bits).T  # (N, N): bits that only the first has
    alike = csr_array(apart + apart.T <= reach)  # (N, N)
    return np.asarray(connected_components(alike, directed=False)[1])
