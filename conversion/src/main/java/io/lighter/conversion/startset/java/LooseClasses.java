package io.lighter.conversion.startset.java;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Classes that are files of their own, in directories of the class path. Belongs to one thread. */
final class LooseClasses {

  /** Longer class files are none that a compiler wrote. */
  private static final int MAX_CLASS = 4 << 20;

  private static final int MAX_NAME = 1024;
  private static final int MAGIC = 0xcafebabe;
  private static final int MAX_CLASSES = 30_000;

  private final Start start;
  private final List<ImageFile> directories;
  private final Set<String> asked = new HashSet<>();

  LooseClasses(Start start, List<ImageFile> directories) {
    this.start = start;
    this.directories = List.copyOf(directories);
  }

  /** Takes in a class and those that its constants name, and so on. */
  void follow(String dottedName, Reason reason) {
    Deque<String> ahead = new ArrayDeque<>();
    String first = dottedName.replace('.', '/');
    if (!directories.isEmpty() && asked.add(first)) {
      ahead.add(first);
    }
    while (!ahead.isEmpty()) {
      start.checkpoint();
      String name = ahead.pop();
      Optional<ImageFile> file = find(name);
      if (file.isPresent()) {
        start.reads(
            file.get(),
            name.equals(first) ? reason : Reason.likely("class that " + dottedName + " leads to"));
        for (String next : constants(start.content(file.get(), 0, MAX_CLASS))) {
          if (asked.size() < MAX_CLASSES && asked.add(next)) {
            ahead.add(next);
          }
        }
      }
    }
  }

  private Optional<ImageFile> find(String name) {
    return directories.stream()
        .flatMap(
            at -> start.image().find(at, name + ".class").filter(ImageFile::isRegular).stream())
        .findFirst();
  }

  /** Takes in all of them, for frameworks that look through them. */
  void all(Reason reason) {
    Deque<ImageFile> ahead = new ArrayDeque<>(directories);
    int count = 0;
    while (!ahead.isEmpty()) {
      for (ImageFile child : ahead.pop().children().values()) {
        start.checkpoint();
        if (child.isDirectory()) {
          ahead.add(child);
        } else if (child.name().endsWith(".class") && count++ < MAX_CLASSES) {
          start.reads(child, reason);
        }
      }
    }
  }

  /** Names of the classes in a constant pool (Java Virtual Machine Specification, 4.4). */
  private static List<String> constants(byte[] content) {
    ByteBuffer in = ByteBuffer.wrap(content);
    if (content.length < 10 || in.getInt() != MAGIC) {
      return List.of();
    }
    in.getInt();
    int count = in.getShort() & 0xffff;
    var texts = new int[count];
    var classes = new ArrayList<Integer>();
    for (int i = 1; i < count && in.remaining() >= 3; i++) {
      int tag = in.get();
      int length =
          switch (tag) {
            case 1 -> {
              texts[i] = in.position();
              yield 2 + (in.getShort(in.position()) & 0xffff);
            }
            case 7 -> {
              classes.add(in.getShort(in.position()) & 0xffff);
              yield 2;
            }
            case 8, 16, 19, 20 -> 2;
            case 15 -> 3;
            case 3, 4, 9, 10, 11, 12, 17, 18 -> 4;
            case 5, 6 -> 8;
            default -> Integer.MAX_VALUE;
          };
      if (length > in.remaining()) {
        break;
      }
      in.position(in.position() + length);
      i += tag == 5 || tag == 6 ? 1 : 0;
    }
    return classes.stream()
        .filter(index -> index < count && texts[index] > 0)
        .map(index -> text(in, texts[index]))
        .map(LooseClasses::elementType)
        .filter(name -> !name.isEmpty())
        .toList();
  }

  private static String text(ByteBuffer in, int at) {
    int length = Math.min(in.getShort(at) & 0xffff, in.limit() - at - 2);
    if (length > MAX_NAME) {
      return "";
    }
    var text = new byte[length];
    in.get(at + 2, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** The class of an array's elements; a class itself stays what it is. */
  private static String elementType(String name) {
    int dimensions = 0;
    while (dimensions < name.length() && name.charAt(dimensions) == '[') {
      dimensions++;
    }
    boolean array = dimensions > 0 && name.endsWith(";");
    return array
        ? name.substring(dimensions + 1, Math.max(dimensions + 1, name.length() - 1))
        : name;
  }
}
