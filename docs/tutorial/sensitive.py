"""How sensitive is the cost to each of 2,410 weights and biases? And are these numbers true?"""

from digits import labels, network, x

from gradcheck import check_gradients
from gradcheck.networks import CrossEntropy, sensitivity

for felt in sensitivity(network, x, labels, most=5):
    print(f"{felt.path}{list(felt.index)} is {felt.value:+.3f}; the cost rises by {felt.gradient:+.4f} for each unit")

print(check_gradients(network, x, loss=CrossEntropy(labels), wrt="layers*"))
