"""How does each example pull on the weights, and what do they agree on?"""

import numpy as np
from digits import labels, network, x

from gradcheck.networks import pull

each = pull(network, x, labels)
for n in np.argsort(-each.norm)[:5]:
    print(f"picture {n:2}, a {labels[n]}, pulls by {each.norm[n]:.2f}, cosine with the mean {each.agreement[n]:+.2f}")
print(f"{np.sum(each.agreement > 0)} of {len(x)} agree with the mean pull")
print(f"mean of the lengths {each.norm.mean():.2f}, length of the mean {np.mean(each.norm * each.agreement):.2f}")
