"""One step: what the gradient promises, and what becomes of it."""

from digits import history, labels, network, x

from gradcheck.networks import promise

for step in promise(network, x, labels, rates=(0.01, 0.1, 0.5, 2.0)):
    print(f"rate {step.rate:4}: promised {step.promised:+.4f}, the cost changed by {step.kept:+.4f}")

print(f"{len(history.costs)} mini-batches, {len(history.train_costs)} times all pictures:")
print(*(f"{cost:.2f}" for cost in history.train_costs))
