package io.lighter.bench.compare;

import io.lighter.bench.work.Portion;

/** One line of a comparison. */
public sealed interface Work {

  /** Parts of the blob, or all of it. */
  record Content(Portion portion) implements Work {
    @Override
    public String toString() {
      return portion.toString();
    }
  }

  /** The manifest by its tag, with or without its body. */
  record Manifest(boolean head) implements Work {
    @Override
    public String toString() {
      return head ? "manifest-head" : "manifest";
    }
  }

  /** A blob that is not there yet, one at a time. */
  record Upload() implements Work {
    @Override
    public String toString() {
      return "upload";
    }
  }

  /** Understands the name of a work. */
  static Work parse(String text) {
    return switch (text) {
      case "manifest" -> new Manifest(false);
      case "manifest-head" -> new Manifest(true);
      case "upload" -> new Upload();
      default -> new Content(Portion.parse(text, 1));
    };
  }

  /** Whether only registries can do it, and plain file servers cannot. */
  default boolean needsRegistry() {
    return !(this instanceof Content);
  }
}
