"""The cost, and how sensitive it is to each output: what is believed less what is true."""

from digits import labels, network, x

from gradcheck.networks import CrossEntropy

outputs, _ = network.forward(x)
cost, loss_back = CrossEntropy(labels).forward(outputs)
d_outputs, _ = loss_back()
print(f"cost of the mini-batch {cost:.4f}")
print("how sensitive it is to the outputs for picture 1, times 32:")
print(*(f"{k}: {32 * d:+.2f}" for k, d in enumerate(d_outputs[1])), sep="  ")
