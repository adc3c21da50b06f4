"""A child's chest as closed formulas: attenuation at any point, in multiples of soft tissue's.

Proportions follow frontal films of children of one to five years: a wide bell-shaped cage, a heart of half
its width, the right dome a little above the left. Axes and units as in `sample_data.shapes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from sample_data.shapes import Field, Point, Tube, blend, column, ellipsoid, filled
from sample_data.skeleton import skeleton
from sample_data.texture import Texture
from sample_data.vessels import grow

FAT, LUNG, LIVER = 0.86, 0.22, 1.02
AIRWAY = -0.6  # the wall makes up for part of the air that a small airway holds
APEX = 62.0  # y of the top of the lungs


@dataclass(frozen=True)
class Opacity:
    """Lung that has lost its air: an ellipsoid, cut where a fissure stops it.

    Parameters
    ----------
    density : float
        Attenuation at its heart, 1 is soft tissue.
    edge : float
        Over how many mm it fades.
    ragged : float
        How far, in mm, texture moves its edge.
    strands : float
        In [0, 1]: 0 is a solid consolidation, 1 a net of thickened septa with air between.
    fissure : tuple of float or None
        ``(y, slope)``: nothing on the other side of the line y + slope * x; the centre's side is kept.
    """

    centre: Point
    radii: Point
    density: float = 0.95
    edge: float = 6.0
    ragged: float = 5.0
    strands: float = 0.0
    fissure: tuple[float, float] | None = None


@dataclass(frozen=True)
class Build:
    """What differs from child to child; the defaults are an average one of four years.

    Parameters
    ----------
    width, heart : float
        Multiples of the average cage and heart.
    breath : float
        How far, in mm, the domes lie below the average.
    arms : float
        Angle of the upper arms in degrees: 65 raised beside the head, -65 along the body.
    chin : float
        y of the lower edge of the jaw; above the film where the head is held back.
    lean : float
        Sideways bend of the spine in mm.
    bubble : tuple of float
        Half-width and half-height of the gastric bubble in mm.
    """

    width: float = 1.0
    heart: float = 1.0
    breath: float = 0.0
    arms: float = 65.0
    chin: float = 92.0
    lean: float = 0.0
    fat: float = 5.0
    bubble: tuple[float, float] = (17.0, 8.0)
    opacities: tuple[Opacity, ...] = ()


@dataclass(frozen=True, eq=False)
class Thorax:
    """One child: `density` anywhere, and the tubes (bones, vessels, airways) that run through it."""

    build: Build
    seed: int
    fine: Texture = field(init=False)
    coarse: Texture = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng([self.seed, 1])
        object.__setattr__(self, "fine", Texture.seeded(rng, slope=1.2, pitch=0.6))
        object.__setattr__(self, "coarse", Texture.seeded(rng, slope=2.0, pitch=1.8))

    def cage(self, y: ArrayLike) -> tuple[Field, Field]:
        """Return half-width and half-depth in mm of the inside of the rib cage at height `y`."""
        depth = np.clip((APEX - np.asarray(y, dtype=np.float32)) / 130.0, 1e-3, 1.0)
        swell = (1.0 - (1.0 - depth) ** 2.2) ** 0.52
        return 90.0 * self.build.width * swell, 52.0 * swell**0.8

    def spine(self, y: ArrayLike) -> Field:
        """Return x of the middle of the spine at height `y`."""
        return self.build.lean * np.cos(np.asarray(y, dtype=np.float32) / 45.0)

    def body(self, x: ArrayLike, y: ArrayLike, z: ArrayLike) -> Field:
        """Return about the depth in mm below the skin, negative outside."""
        y = np.asarray(y, dtype=np.float32)
        width, depth = self.cage(np.minimum(y, 50.0))
        trunk = np.minimum(column(x, np.add(z, 4.0), width + 11.0 + self.build.fat, depth + 16.0, 2.3), 70.0 - y)
        neck = np.minimum(column(x, z, 31.0 + 0.0 * y, 33.0, 2.0), y - 30.0)
        head = ellipsoid(x, y, z, (0.0, self.build.chin + 62.0, 8.0), (58.0, 62.0, 66.0))
        parts = [trunk, neck, head]
        rise, reach = np.sin(np.radians(self.build.arms)), np.cos(np.radians(self.build.arms))
        for side in (-1.0, 1.0):
            shoulder = ellipsoid(x, y, z, (64.0 * side, 52.0, -10.0), (46.0, 24.0, 20.0), tilt=-12.0 * side)
            fold = ellipsoid(x, y, z, (86.0 * side, 20.0, -34.0), (22.0, 58.0, 18.0), tilt=-6.0 * side)
            middle = (side * (92.0 + 62.0 * reach), 54.0 + 62.0 * rise, -10.0)
            arm = ellipsoid(x, y, z, middle, (88.0, 22.0, 20.0), tilt=side * self.build.arms)
            slope = ellipsoid(x, y, z, (34.0 * side, 68.0, -14.0), (40.0, 15.0, 18.0), tilt=-32.0 * side)
            parts += [shoulder, fold, arm, slope]
        return blend(*parts, radius=14.0)

    def mediastinum(self, x: ArrayLike, y: ArrayLike, z: ArrayLike) -> Field:
        """Return about the depth in mm inside heart, great vessels, oesophagus and spine, negative outside."""
        size, drop = self.build.heart, 0.5 * self.build.breath
        middle = np.subtract(x, self.spine(y))
        narrow = 13.5 + 4.5 * np.exp(-(((np.asarray(y, dtype=np.float32) - 18.0) / 24.0) ** 2))
        core = column(middle, np.subtract(z, 2.0), narrow, 46.0, 2.4)
        ventricle = ellipsoid(x, y, z, (19.0, -33.0 - drop, 14.0), (43.0 * size, 29.0 * size, 33.0), tilt=-38.0)
        atrium = ellipsoid(x, y, z, (-8.0, -24.0 - drop, 8.0), (21.0 * size, 29.0 * size, 26.0))
        trunk = ellipsoid(x, y, z, (15.0, 5.0 - drop, 10.0), (17.0 * size, 24.0, 18.0), tilt=-12.0)
        arch = ellipsoid(x, y, z, (11.5, 25.0, -6.0), (13.5, 11.0, 18.0))
        cava = column(np.add(x, 12.0), np.subtract(z, 6.0), 8.5 + 0.0 * np.asarray(y), 9.0, 2.0)
        return blend(ventricle, atrium, trunk, arch, cava, core, radius=9.0)

    def diaphragm(self, x: ArrayLike, z: ArrayLike) -> Field:
        """Return y of the diaphragm: two domes that fall away to the sides and to the back."""
        domes = []
        for centre, top in ((-43.0, -45.0), (47.0, -52.0)):
            side = np.abs(np.subtract(x, centre * self.build.width)) / (52.0 * self.build.width)
            back = np.abs(np.subtract(z, 12.0)) / 58.0
            domes.append(np.asarray(top - self.build.breath - 21.0 * side**2.3 - 24.0 * back**2.2, dtype=np.float32))
        return blend(*domes, radius=10.0)

    def lungs(self, x: ArrayLike, y: ArrayLike, z: ArrayLike) -> Field:
        """Return about the depth in mm inside the lungs, negative outside."""
        cage = column(x, z, *self.cage(y), 2.4)
        above = np.asarray(np.subtract(y, self.diaphragm(x, z)), dtype=np.float32)
        return np.minimum(np.minimum(cage, 0.8 * above), -self.mediastinum(x, y, z))

    def opacity(self, x: ArrayLike, y: ArrayLike, z: ArrayLike) -> Field:
        """Return by how much disease raises the lung's attenuation, 0 where it is sound."""
        shape = np.broadcast_shapes(np.shape(x), np.shape(y), np.shape(z))
        rise = np.zeros(shape, dtype=np.float32)
        for item in self.build.opacities:
            depth = ellipsoid(x, y, z, item.centre, item.radii) + item.ragged * self.coarse.at(x, y, z)
            share = filled(depth, item.edge)
            if item.fissure is not None:
                height, slope = item.fissure
                side = np.subtract(y, height + slope * np.asarray(x))
                share = share * filled(side if item.centre[1] > height + slope * item.centre[0] else -side, 1.2)
            septa = np.clip(1.4 - 2.2 * np.abs(self.fine.at(x, y, z)), 0.0, 1.0)
            share = share * (1.0 - item.strands + item.strands * septa)
            rise = np.maximum(rise, (item.density - LUNG) * share)
        return rise

    def density(self, x: ArrayLike, y: ArrayLike, z: ArrayLike) -> tuple[Field, Field]:
        """Return attenuation without tubes, and the part of it that is disease, in multiples of soft tissue's."""
        body = self.body(x, y, z)
        tissue = FAT * filled(body) + (1.0 - FAT) * filled(body - self.build.fat, 2.5)
        lungs = filled(self.lungs(x, y, z))
        disease = lungs * self.opacity(x, y, z)
        aerated = LUNG * (1.0 + 0.16 * self.fine.at(x, y, z) + 0.08 * self.coarse.at(x, y, z))
        belly = filled(self.diaphragm(x, z) - np.asarray(y), 4.0)
        tissue = tissue * (1.0 + (LIVER - 1.0) * belly) * (1.0 - lungs) + lungs * aerated + disease
        return tissue * (1.0 - self.gas(x, y, z)), disease

    def gas(self, x: ArrayLike, y: ArrayLike, z: ArrayLike) -> Field:
        """Return where stomach and bowel hold gas, in [0, 1]."""
        wide, high = self.build.bubble
        top = -52.0 - self.build.breath - 7.0
        stomach = ellipsoid(x, y, z, (44.0, top - high, 8.0), (wide, high, 15.0), tilt=-8.0)
        rng = np.random.default_rng([self.seed, 2])
        places, sizes = rng.uniform((10, top - 50, 15), (80, top - 26, 25), (4, 3)), rng.uniform(4, 9, (4, 3))
        loops = [ellipsoid(x, y, z, tuple(place), tuple(size)) for place, size in zip(places, sizes, strict=True)]
        return filled(blend(stomach, *loops, radius=3.0) + 1.2 * self.coarse.at(x, y, z), 2.0)

    @cached_property
    def tubes(self) -> tuple[Tube, ...]:
        """Bones, pulmonary vessels and airways."""
        return (*skeleton(self.cage, self.spine, self.build.arms, self.build.chin), *self._trees())

    def _trees(self) -> Sequence[Tube]:
        """Return vessels and airways, with the contrast that they have against the lung around them."""
        rng = np.random.default_rng([self.seed, 3])
        kinds = grow(self.lungs, rng)
        branches = [branch for kind in kinds for branch in kind]
        points = np.concatenate([branch.points for branch in branches])  # (n, 3)
        vessel, airway, _ = np.repeat(np.eye(3, dtype=bool), [sum(len(b.points) for b in k) for k in kinds], axis=1)
        around, _ = self.density(*points.T)
        contrast = np.where(vessel, 1.0 - around, np.where(airway, AIRWAY, -1.0) * around)  # (n,)
        contrast = np.where(vessel | airway, filled(self.lungs(*points.T)), 1.0) * contrast
        cuts = np.cumsum([len(branch.points) for branch in branches])[:-1]
        return [replace(b, contrast=c) for b, c in zip(branches, np.split(contrast, cuts), strict=True)]
