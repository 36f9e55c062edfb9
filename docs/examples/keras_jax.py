"""With KERAS_BACKEND=jax a model is a function of its weights."""

from keras_model import model, x

from gradcheck import check_gradients

weights = {v.path: v.value for v in model.trainable_variables}


def output(weights, x):
    return model.stateless_call([weights[v.path] for v in model.trainable_variables], [], x)[0]


report = check_gradients(output, weights, x)
for name, tensor in report.tensors.items():
    print(f"{tensor.verdict.name:7} {name}")
print(*report.diagnosis, sep="\n")
