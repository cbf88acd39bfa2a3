package io.lighter.node.plan;

/** How files say who wrote them. */
final class Origin {
  /** The first line of each file that is Lighter's alone. */
  static final String COMMENT =
      "# Written by \"lighter node\"; \"lighter node remove\" takes it away again.\n";

  private Origin() {}
}
