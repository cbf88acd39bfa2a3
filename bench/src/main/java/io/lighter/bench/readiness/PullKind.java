package io.lighter.bench.readiness;

/** How an image comes to the node. */
enum PullKind {
  /** All layers, unpacked into the node's ordinary snapshotter. */
  FULL,
  /** Layers are mounted, and read when they are needed. */
  LAZY
}
