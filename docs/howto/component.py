"""A component whose partial is declared, and wrong."""

import numpy as np
import openmdao.api as om

from gradcheck import check_gradients


class Area(om.ExplicitComponent):
    def setup(self):
        self.add_input("radius", shape=2)
        self.add_output("area", shape=2)
        self.declare_partials("area", "radius", rows=[0, 1], cols=[0, 1])

    def compute(self, inputs, outputs):
        outputs["area"] = np.pi * inputs["radius"] ** 2

    def compute_partials(self, inputs, partials):
        partials["area", "radius"] = np.pi * inputs["radius"]


report = check_gradients(Area(), {"radius": [1.0, 3.0]})
print([entry.name for entry in report.wrong])
print(report.diagnosis[0])
