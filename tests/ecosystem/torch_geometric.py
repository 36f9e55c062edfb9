"""PyTorch Geometric: layers on graphs."""

import torch
from torch_geometric import nn

from ecosystem import derivative

torch.manual_seed(0)
x = torch.randn(5, 3)
edges = torch.tensor([[0, 1, 2, 3, 4, 0, 2], [1, 2, 3, 4, 0, 2, 0]])
batch = torch.tensor([0, 0, 0, 1, 1])

CASES = [
    derivative("nn.GCNConv", nn.GCNConv(3, 2), x, edges),
    derivative("nn.SAGEConv", nn.SAGEConv(3, 2), x, edges),
    derivative("nn.SAGEConv, max", nn.SAGEConv(3, 2, aggr="max"), x, edges),
    derivative("nn.GATConv", nn.GATConv(3, 2, heads=2), x, edges),
    derivative("nn.GATv2Conv", nn.GATv2Conv(3, 2), x, edges),
    derivative("nn.GINConv", nn.GINConv(torch.nn.Linear(3, 2), train_eps=True), x, edges),
    derivative("nn.TransformerConv", nn.TransformerConv(3, 2), x, edges),
    derivative("nn.PNAConv", nn.PNAConv(3, 2, ["mean", "std"], ["identity"], torch.tensor([0, 3, 2])), x, edges),
    derivative("nn.GraphNorm", nn.GraphNorm(3), x, batch),
    derivative("nn.PairNorm", nn.PairNorm(), x),
    derivative("nn.global_mean_pool", lambda x: nn.global_mean_pool(x, batch), x),
    derivative("nn.SoftmaxAggregation", nn.aggr.SoftmaxAggregation(learn=True), x, batch),
]
