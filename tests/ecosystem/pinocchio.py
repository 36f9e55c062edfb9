"""Pinocchio: derivatives of rigid-body dynamics."""

import numpy as np
import pinocchio as pin

from ecosystem import derivative, normal

model = pin.buildSampleModelManipulator()
data = model.createData()
n = model.nv
q, v, a = 0.5 * normal(n), normal(n, seed=1), normal(n, seed=2)


def inverse_dynamics(q, v, a):
    return pin.rnea(model, data, q, v, a).copy()


def inverse_pullback(q, v, a, u):
    pin.computeRNEADerivatives(model, data, q, v, a)
    M = np.triu(data.M) + np.triu(data.M, 1).T
    return data.dtau_dq.T @ u, data.dtau_dv.T @ u, M @ u


def forward_dynamics(q, v, tau):
    return pin.aba(model, data, q, v, tau).copy()


def forward_pullback(q, v, tau, u):
    pin.computeABADerivatives(model, data, q, v, tau)
    M = np.triu(data.Minv) + np.triu(data.Minv, 1).T
    return data.ddq_dq.T @ u, data.ddq_dv.T @ u, M @ u


def mass(q):
    return pin.centerOfMass(model, data, q).copy()


CASES = [
    derivative("computeRNEADerivatives", inverse_dynamics, q, v, a, vjp=inverse_pullback),
    derivative("computeABADerivatives", forward_dynamics, q, v, a, vjp=forward_pullback),
    derivative("jacobianCenterOfMass", mass, q, vjp=lambda q, u: pin.jacobianCenterOfMass(model, data, q).T @ u),
    derivative(
        "computeFrameJacobian",
        lambda q: (pin.framesForwardKinematics(model, data, q), data.oMf[-1].translation.copy())[1],
        q,
        vjp=lambda q, u: pin.computeFrameJacobian(model, data, q, model.nframes - 1, pin.LOCAL_WORLD_ALIGNED)[:3].T @ u,
    ),
    derivative("Jlog3", lambda w: pin.log3(pin.exp3(w)), normal(3) * 0.3, vjp=lambda w, u: u),
    derivative(
        "Jexp3",
        lambda w: pin.exp3(w) @ np.array([1.0, 2.0, 3.0]),
        normal(3) * 0.3,
        vjp=lambda w, u: (-pin.exp3(w) @ pin.skew(np.array([1.0, 2.0, 3.0])) @ pin.Jexp3(w)).T @ u,
    ),
]
