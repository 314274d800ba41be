"""The web process of a release that was built to fail: it ends with an error before it listens."""

raise RuntimeError("this release is broken on purpose")
