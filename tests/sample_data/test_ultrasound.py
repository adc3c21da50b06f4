import numpy as np
import pytest

from sample_data.ultrasound import Breast, Kind, Lesion, cine, image

SIZE = {"width": 30.0, "depth": 28.0, "fat": 6.0, "gland": 20.0}


def _image(kind):
    lesion = None if kind is None else Lesion(kind, (0.0, 12.0), (5.0, 4.0))
    return image(Breast(**SIZE, lesion=lesion), 11)


def _behind(echo):
    """Mean brightness of the tissue behind the lesion's place."""
    middle = echo.values.shape[1] // 2
    return echo.values[int(17.0 / echo.spacing) : int(20.0 / echo.spacing), middle - 20 : middle + 20].mean()


@pytest.mark.parametrize("kind", list(Kind))
def test_a_lesion_is_darker_than_the_gland_and_its_mask_covers_it(kind):
    echo = _image(kind)
    ring = np.roll(echo.mask, 80, axis=1) & ~echo.mask
    assert echo.values[echo.mask].mean() < 0.6 * echo.values[ring].mean()
    area = echo.mask.sum() * echo.spacing**2
    assert area == pytest.approx(np.pi * 5.0 * 4.0, rel=0.25)


def test_a_cyst_brightens_and_a_carcinoma_shadows_what_lies_behind():
    plain, cyst, carcinoma = (_behind(_image(kind)) for kind in (None, Kind.CYST, Kind.CARCINOMA))
    assert carcinoma < 0.85 * plain
    assert cyst > 1.05 * plain


def test_no_lesion_no_mask():
    assert not _image(None).mask.any()


def test_the_loop_moves_and_comes_back():
    frames, masks = cine(_image(Kind.FIBROADENOMA), 8)
    assert frames.shape == masks.shape
    change = [np.abs(frames[0].astype(int) - frame).mean() for frame in frames]
    assert change[0] == 0
    assert change[4] == max(change) > 3
    assert change[7] < change[4]
    assert set(np.unique(masks)) == {0, 255}
    assert frames[:, 0, 0].max() == 0, "a sector: nothing beside the probe"
