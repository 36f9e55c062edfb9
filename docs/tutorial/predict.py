"""Forward: what does the network say of one picture?"""

from digits import data, labels, network, x, young

from gradcheck.networks import Softmax, accuracy

for name, which in {"before": young, "after": network}.items():
    print(f"{name} training: {accuracy(which, data.x_test, data.y_test):.0%} of the test pictures are read")

outputs, way_back = network.forward(x)
believed, _ = Softmax().forward(outputs)
print(f"picture 1 is a {labels[1]}; the network believes")
print(*(f"{k}: {share:.2f}" for k, share in enumerate(believed[1])), sep="  ")
