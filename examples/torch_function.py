"""A fused RMS normalisation as a torch.autograd.Function: three mistakes, found one by one.

Each attempt mends what the report before it named. The last mistake shows in no first derivative: a saved value is
detached, so that the backward cannot be differentiated again, as a gradient penalty would do.
"""

import torch

from gradcheck import check_gradients


class RMSNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gain, bias):
        rms = x.square().mean(-1, keepdim=True).sqrt()
        ctx.save_for_backward(x, gain)
        return x / rms * gain + bias


class First(RMSNorm):
    @staticmethod
    def backward(ctx, dy):
        x, gain = ctx.saved_tensors
        rms = x.square().mean(-1, keepdim=True).sqrt()
        return dy * gain / rms, (dy * x / rms).sum(0), dy.mean(0)


class Second(RMSNorm):
    @staticmethod
    def backward(ctx, dy):
        x, gain = ctx.saved_tensors
        rms = x.square().mean(-1, keepdim=True).sqrt()
        return dy * gain / rms, (dy * x / rms).sum(0), dy.sum(0)


class Third(RMSNorm):
    @staticmethod
    def backward(ctx, dy):
        x, gain = ctx.saved_tensors
        rms = x.detach().square().mean(-1, keepdim=True).sqrt()
        normed, dnormed = x / rms, dy * gain
        dx = (dnormed - normed * (dnormed * normed).mean(-1, keepdim=True)) / rms
        return dx, (dy * normed).sum(0), dy.sum(0)


class Last(RMSNorm):
    @staticmethod
    def backward(ctx, dy):
        x, gain = ctx.saved_tensors
        rms = x.square().mean(-1, keepdim=True).sqrt()
        normed, dnormed = x / rms, dy * gain
        dx = (dnormed - normed * (dnormed * normed).mean(-1, keepdim=True)) / rms
        return dx, (dy * normed).sum(0), dy.sum(0)


torch.manual_seed(0)
given = torch.randn(5, 3), torch.randn(3), torch.randn(3)
for attempt in (First, Second, Third, Last):
    report = check_gradients(attempt, *given, order=2)
    print(f"{attempt.__name__:7}{report.verdict.name:8}", *report.diagnosis[:2], sep="\n  ")
