"""Cut off by a framework.

A `detach`, a `no_grad`, a `stop_gradient` or a hook leaves something out; the check is repeated with each undone in turn.
"""

import torch
from gradcheck import check_gradients

torch.manual_seed(0)


# --8<--
class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = torch.nn.Linear(3, 4), torch.nn.Linear(4, 2)

    def forward(self, x):
        h = torch.tanh(self.encoder(x)).detach()  # wrong
        h = torch.tanh(self.encoder(x))  # right
        return self.decoder(h)


report = check_gradients(Model(), torch.randn(5, 3))
