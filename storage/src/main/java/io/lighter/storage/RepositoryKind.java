package io.lighter.storage;

/** Where the content of a repository comes from. */
public enum RepositoryKind {
  /** Pushed here; authoritative. */
  HOSTED,
  /** Pulled through from another registry; that registry is authoritative. */
  MIRRORED
}
