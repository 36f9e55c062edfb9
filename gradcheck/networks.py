"""Where are the reference networks? In the repository `networks/`; in the wheel this very name."""

from networks import *  # noqa: F403  the stand-in has the face of the package it stands for
