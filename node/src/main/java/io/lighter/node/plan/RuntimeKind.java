package io.lighter.node.plan;

/** The container runtimes that can be set up. */
public enum RuntimeKind {
  CONTAINERD,
  K3S,
  RKE2,
  CRIO,
  PODMAN
}
