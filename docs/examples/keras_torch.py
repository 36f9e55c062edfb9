"""With KERAS_BACKEND=torch a model is a module of PyTorch."""

import torch
from keras_model import model, x

from gradcheck import check_gradients

report = check_gradients(model, torch.from_numpy(x))
for name, tensor in report.tensors.items():
    print(f"{tensor.verdict.name:7} {name}")
print(*report.diagnosis, sep="\n")
