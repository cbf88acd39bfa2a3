package io.lighter.server.upstream;

/** What a connection to an upstream is wanted for, the most urgent first. */
public enum Priority {
  /** Manifests, tags, sizes: small, and a client waits. */
  QUESTION,
  /** Some bytes of a blob that a client waits for. */
  RANGE,
  /** A whole blob that a client waits for. */
  DOWNLOAD,
  /** What nobody waits for now. */
  BACKGROUND
}
