"""Kornia: differentiable computer vision."""

import kornia
import torch

from ecosystem import derivative

torch.manual_seed(0)
image, other = torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8)
labels = torch.randint(0, 3, (1, 6, 6))
axis = torch.tensor([[0.3, -0.7, 0.4]])
rotation = kornia.geometry.conversions.axis_angle_to_rotation_matrix(axis)

CASES = [
    derivative("losses.ssim_loss", lambda a, b: kornia.losses.ssim_loss(a, b, 5), image, other),
    derivative("losses.psnr_loss", lambda a, b: kornia.losses.psnr_loss(a, b, 1.0), image, other),
    derivative("losses.total_variation", kornia.losses.total_variation, image),
    derivative(
        "losses.FocalLoss", lambda z: kornia.losses.focal_loss(z, labels, 0.5, 2.0, "mean"), torch.randn(1, 3, 6, 6)
    ),
    derivative("losses.DiceLoss", lambda z: kornia.losses.dice_loss(z, labels), torch.randn(1, 3, 6, 6)),
    derivative("losses.charbonnier_loss", kornia.losses.charbonnier_loss, image, other),
    derivative("filters.gaussian_blur2d", lambda x: kornia.filters.gaussian_blur2d(x, (3, 3), (1.0, 1.0)), image),
    derivative("filters.Sobel", kornia.filters.Sobel(), image),
    derivative("filters.median_blur", lambda x: kornia.filters.median_blur(x, (3, 3)), image),
    derivative("filters.bilateral_blur", lambda x: kornia.filters.bilateral_blur(x, (3, 3), 0.2, (1.0, 1.0)), image),
    derivative("color.rgb_to_hsv", kornia.color.rgb_to_hsv, image),
    derivative("color.rgb_to_lab", kornia.color.rgb_to_lab, image),
    derivative("enhance.adjust_gamma", kornia.enhance.adjust_gamma, image, torch.tensor(0.8)),
    derivative(
        "geometry.warp_affine",
        lambda x, m: kornia.geometry.transform.warp_affine(x, m, (8, 8)),
        image,
        torch.tensor([[[0.9, 0.1, 0.33], [-0.1, 1.1, -0.21]]]),
    ),
    derivative(
        "geometry.axis_angle_to_rotation_matrix", kornia.geometry.conversions.axis_angle_to_rotation_matrix, axis
    ),
    derivative(
        "geometry.rotation_matrix_to_quaternion", kornia.geometry.conversions.rotation_matrix_to_quaternion, rotation
    ),
    derivative("geometry.SpatialSoftArgmax2d", kornia.geometry.SpatialSoftArgmax2d(), torch.randn(1, 2, 5, 5)),
    derivative("morphology.dilation", lambda x: kornia.morphology.dilation(x, torch.ones(3, 3)), image),
]
