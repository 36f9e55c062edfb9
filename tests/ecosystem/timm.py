"""timm: layers of vision models."""

import timm
import torch
from timm import layers, loss

from ecosystem import derivative

torch.manual_seed(0)
x = torch.randn(2, 8, 4, 4)
tokens = torch.randn(2, 4, 8)
target = torch.tensor([0, 2])

SINGLE = "The mean square is taken in float32: one small entry is known to some per cent only, and agrees within."

CASES = [
    derivative("layers.EvoNorm2dS0", layers.EvoNorm2dS0(8, groups=2), x),
    derivative("layers.EvoNorm2dB0", layers.EvoNorm2dB0(8), x),
    derivative("layers.FilterResponseNormTlu2d", layers.FilterResponseNormTlu2d(8), x, truth=SINGLE),
    derivative("layers.GroupNormAct", layers.GroupNormAct(8, 2), x),
    derivative("layers.BatchNormAct2d", layers.BatchNormAct2d(8), x),
    derivative("layers.LayerNorm2d", layers.LayerNorm2d(8), x),
    derivative("layers.RmsNorm", layers.RmsNorm(8), tokens),
    derivative("layers.SEModule", layers.SEModule(8), x),
    derivative("layers.EcaModule", layers.EcaModule(8), x),
    derivative("layers.CbamModule", layers.create_attn("cbam", 8), x),
    derivative("layers.StdConv2d", layers.StdConv2d(8, 4, 3), x),
    derivative("layers.ScaledStdConv2d", layers.ScaledStdConv2d(8, 4, 3), x),
    derivative("layers.CondConv2d", layers.CondConv2d(8, 4, 3, num_experts=2), x, torch.rand(2, 2)),
    derivative("layers.Mlp", layers.Mlp(8, 12), tokens),
    derivative("layers.GluMlp", layers.GluMlp(8, 12), tokens),
    derivative("layers.GlobalResponseNorm", timm.layers.grn.GlobalResponseNorm(8, channels_last=False), x),
    derivative("layers.SelectAdaptivePool2d", layers.SelectAdaptivePool2d(pool_type="avgmax"), x),
    derivative("layers.BlurPool2d", layers.BlurPool2d(8), x),
    derivative("layers.DropPath", layers.DropPath(0.3), tokens),
    derivative("layers.HardSwish", layers.activations.HardSwish(), x),
    derivative("layers.Mish", layers.activations.Mish(), x),
    derivative("layers.GELUTanh", layers.activations.GELUTanh(), x),
    derivative("layers.Attention", timm.models.vision_transformer.Attention(8, num_heads=2), tokens),
    derivative("models.Block", timm.models.vision_transformer.Block(8, num_heads=2), tokens),
    derivative(
        "loss.LabelSmoothingCrossEntropy", lambda z: loss.LabelSmoothingCrossEntropy(0.1)(z, target), torch.randn(2, 3)
    ),
    derivative(
        "loss.AsymmetricLossMultiLabel",
        lambda z: loss.AsymmetricLossMultiLabel()(z, torch.eye(3)[:2]),
        torch.randn(2, 3),
    ),
    derivative("loss.JsdCrossEntropy", lambda z: loss.JsdCrossEntropy(3)(z, torch.tensor([0, 1])), torch.randn(6, 3)),
]
