package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A module as it was found, and what is known of its names once it is imported. */
final class Module {

  /** What a module is made of. */
  enum Kind {
    /** A directory with {@code __init__}. */
    PACKAGE,
    SOURCE,
    /** A compiled file that stands alone. */
    COMPILED,
    EXTENSION,
    /** A directory without {@code __init__}. */
    NAMESPACE,
    /** Part of the interpreter. */
    BUILT_IN
  }

  private final String name;
  private final Kind kind;
  private final Optional<Location> location;
  private final Map<String, Value> scope = new HashMap<>();
  private List<ImageFile> searched;
  private String inside = "";

  /**
   * Where a module's file is.
   *
   * @param directory the directory in which its name stands
   * @param fileName its name there
   * @param file what the name leads to
   */
  record Location(ImageFile directory, String fileName, ImageFile file) {}

  Module(String name, Kind kind, Optional<Location> location, List<ImageFile> searched) {
    this.name = name;
    this.kind = kind;
    this.location = location;
    this.searched = List.copyOf(searched);
  }

  static Module builtIn(String name) {
    return new Module(name, Kind.BUILT_IN, Optional.empty(), List.of());
  }

  String name() {
    return name;
  }

  Kind kind() {
    return kind;
  }

  Optional<Location> location() {
    return location;
  }

  /** Directories of its submodules; none if it cannot have any. */
  List<ImageFile> searched() {
    return searched;
  }

  void search(List<ImageFile> directories) {
    searched = List.copyOf(directories);
  }

  boolean isPackage() {
    return !searched.isEmpty();
  }

  /** What its names stand for. */
  Map<String, Value> scope() {
    return scope;
  }

  /** Says which package a module is in whose own name does not say it. */
  void belongsTo(String other) {
    inside = other;
  }

  /** What relative imports are relative to. */
  String packageName() {
    if (!inside.isEmpty()) {
      return inside;
    }
    if (isPackage()) {
      return name;
    }
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(0, dot);
  }

  @Override
  public String toString() {
    return name;
  }
}
