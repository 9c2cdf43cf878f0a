"""Drawn figures: joints lie on what is drawn, and poses vary."""

from __future__ import annotations

import numpy as np

from drawn_figures import draw_prior, draw_videos, figure_skeleton
from limner_engine.coordinates import norm_to_pixel


def test_the_same_seed_draws_the_same_and_another_something_else() -> None:
    first, again, other = (draw_videos(2, 3, 64, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.pixels, again.pixels)
    assert not np.array_equal(first.joints_norm, other.joints_norm)
    assert first.pixels.shape == (6, 80, 80, 3)
    assert first.frame_set().names == ("figure 0", "figure 1")


def test_joints_lie_on_the_figure() -> None:
    drawn = draw_videos(4, 60, 64, 0)
    crops = drawn.crops().astype(float)
    at = np.clip(norm_to_pixel(drawn.joints_norm, 64).round().astype(int), 0, 63)
    for video in range(4):
        rows = np.flatnonzero(drawn.video == video)
        # The wall stands still. Some keep still, too, and some wear what their wall does.
        moved = np.abs(crops[rows] - np.median(crops[rows], axis=0)).sum(-1) > 40
        on = [moved[i, y, x] for i, wrists in enumerate(at[rows, 5:7]) for x, y in wrists]
        assert np.mean(on) > 3 * moved.mean()


def test_left_is_on_the_right_of_the_picture_and_the_mean_pose_is_a_bad_answer() -> None:
    prior = draw_prior(600, 3)
    assert prior.skeleton == figure_skeleton()
    assert len(prior) == 600
    assert np.abs(prior.poses).max() < 1.5
    assert prior.poses[:, 1, 0].mean() > 0.1 > prior.poses[:, 2, 0].mean()
    drawn = draw_videos(10, 20, 64, 4)
    error = np.linalg.norm(drawn.joints_norm - prior.poses.mean(0), axis=-1).mean() * 50
    assert error > 11.0
