package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.trace.StartupSet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes images with a Python of a few modules, laid out as distributions lay it out. */
final class PythonImage {

  private final ImageBuilder image = new ImageBuilder();
  private final Map<String, String> environment = new HashMap<>();
  private final String library;
  private final int minor;
  private String directory = "/app";

  private PythonImage(String prefix, int minor) {
    this.minor = minor;
    this.library = prefix + "/lib/python3." + minor;
    environment.put("PATH", "/venv/bin:/usr/local/bin:/usr/bin:/bin");
    image.executable(prefix + "/bin/python3." + minor, "the interpreter");
    image.link(prefix + "/bin/python3", "python3." + minor);
    for (String name : List.of("os", "site", "io", "abc", "codecs", "encodings/__init__")) {
      image.file(library + "/" + name + ".py", "");
    }
    image.file(library + "/encodings/aliases.py", "");
    image.file(library + "/encodings/utf_8.py", "import codecs");
    image.file(library + "/runpy.py", "import importlib.util");
    image.file(library + "/importlib/__init__.py", "");
    image.file(library + "/importlib/util.py", "");
  }

  /** As Debian's package python3 has it. */
  static PythonImage debian() {
    return new PythonImage("/usr", 11);
  }

  /** As the official images python:3.x have it. */
  static PythonImage official(int minor) {
    return new PythonImage("/usr/local", minor);
  }

  String library() {
    return library;
  }

  /** A file; a name that does not begin with a slash is in the standard library. */
  PythonImage file(String name, String... lines) {
    image.file(absolute(name), String.join("\n", lines) + "\n");
    return this;
  }

  private String absolute(String name) {
    return name.startsWith("/") ? name : library + "/" + name;
  }

  PythonImage script(String path, String... lines) {
    image.executable(path, String.join("\n", lines) + "\n");
    return this;
  }

  /** A source and what it was compiled to. */
  PythonImage compiled(String path, String source, int flags, long modified) {
    image.file(path, source);
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1, path.length() - 3);
    ByteBuffer header = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(0x0a0d0da7).putInt(flags).putInt((int) modified).putInt(source.length());
    image.file(
        path.substring(0, slash) + "/__pycache__/" + name + ".cpython-3" + minor + ".pyc",
        header.array());
    return this;
  }

  PythonImage bytes(String path, byte[] content) {
    image.file(absolute(path), content);
    return this;
  }

  PythonImage link(String path, String target) {
    image.link(path, target);
    return this;
  }

  PythonImage variable(String name, String value) {
    environment.put(name, value);
    return this;
  }

  PythonImage in(String workingDirectory) {
    directory = workingDirectory;
    return this;
  }

  StartupSet set(String... command) {
    return image.start(
        new PythonProgram(), new ImageCommand(List.of(command), environment, directory, ""));
  }

  /** What a command reads, in order. */
  List<String> reads(String... command) {
    return ImageBuilder.paths(set(command));
  }

  static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
