package io.lighter.conversion;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A random layer that has a faithful eStargz: every type, format and attribute may be in it. */
final class RandomTar {

  /** A file that hard links may refer to, with the changes that its header shares with theirs. */
  private record Written(String name, long mode, long uid, long mtime) {}

  private final Random random;
  private final TarBuilder tar = new TarBuilder();
  private final List<Written> files = new ArrayList<>();
  private final List<String> directories = new ArrayList<>(List.of(""));
  private final String prefix;
  private int number;

  RandomTar(long seed, int maxEntries) {
    random = new Random(seed);
    prefix = pick("", "", "./", "/", ".//");
    if (random.nextInt(5) == 0) {
      tar.pax('g', Map.of("comment", bytes("of all entries")));
    }
    for (int left = 1 + random.nextInt(maxEntries); left > 0; left--) {
      add();
    }
  }

  /** The tar, with one of the ends that tars have. */
  byte[] plain() {
    return switch (random.nextInt(5)) {
      case 0 -> tar.bytes();
      case 1 -> new TarBuilder().raw(tar.build()).raw(new byte[random.nextInt(9000)]).bytes();
      case 2 -> new TarBuilder().raw(tar.build()).raw(bytes("behind the end".repeat(50))).bytes();
      default -> tar.build();
    };
  }

  /** The tar in one of the ways in which layers are compressed. */
  byte[] packed(byte[] plain) {
    int cut = random.nextInt(plain.length + 1);
    byte[] first = Arrays.copyOf(plain, cut);
    byte[] second = Arrays.copyOfRange(plain, cut, plain.length);
    return switch (random.nextInt(6)) {
      case 0 -> plain;
      case 1 ->
          Conversions.concat(
              Conversions.gzip(first), Conversions.gzip(new byte[0]), Conversions.gzip(second));
      case 2 -> Conversions.concat(Conversions.gzip(plain), new byte[random.nextInt(700)]);
      case 3 -> Conversions.concat(Conversions.zstd(first), Conversions.zstd(second));
      case 4 -> Conversions.zstd(plain);
      default -> Conversions.gzip(plain);
    };
  }

  private void add() {
    number++;
    String name = prefix + pick(directories.toArray(String[]::new)) + name();
    long mode = pick(0644L, 0755L, 04755L, 0L, 07777L);
    long uid = pick(0L, 0L, 1000L, 3_000_000L);
    long mtime = pick(0L, 1L, 1_600_000_000L, 8_589_934_591L);
    switch (random.nextInt(12)) {
      case 0, 1 -> {
        entry(name + "/", '5', mode, uid, mtime, "", new byte[0]);
        directories.add(name.substring(prefix.length()) + "/");
      }
      case 2 -> entry(name, '2', 0777, uid, mtime, target(), new byte[0]);
      case 3 -> entry(name, pick('3', '4', '6'), mode, uid, mtime, "", new byte[0]);
      case 4 -> entry(prefix + ".wh.gone" + number, '0', mode, uid, mtime, "", new byte[0]);
      case 5 -> hardLink(name);
      case 6 -> replace(name, mode, uid, mtime);
      default -> file(name, mode, uid, mtime);
    }
  }

  private void file(String name, long mode, long uid, long mtime) {
    char type = pick('0', '0', '0', '\0', '7');
    entry(name, type, mode, uid, mtime, "", content());
    files.add(new Written(name, mode, uid, mtime));
  }

  /** Another file under a name that is there already and that nothing is linked to. */
  private void replace(String name, long mode, long uid, long mtime) {
    if (files.isEmpty()) {
      file(name, mode, uid, mtime);
      return;
    }
    Written earlier = files.remove(random.nextInt(files.size()));
    entry(earlier.name(), '0', mode, uid, mtime, "", content());
  }

  private void hardLink(String name) {
    List<Written> plain = files.stream().filter(file -> !file.name().contains("xattr")).toList();
    if (!plain.isEmpty()) {
      Written target = plain.get(random.nextInt(plain.size()));
      files.remove(target);
      entry(name, '1', target.mode(), target.uid(), target.mtime(), target.name(), new byte[0]);
    }
  }

  private void entry(
      String name, char type, long mode, long uid, long mtime, String link, byte[] content) {
    var header = TarBuilder.header("", type).mode(mode).mtime(0).size(content.length);
    var pax = new LinkedHashMap<String, byte[]>();
    boolean gnu = random.nextBoolean();
    if (gnu) {
      header.text(257, "ustar  \0");
    }
    field(header, 0, name, gnu ? 'L' : 'x', "path", pax);
    field(header, 157, link, gnu ? 'K' : 'x', "linkpath", pax);
    if (uid < 1 << 21) {
      header.owner(uid, uid);
    } else if (gnu) {
      header.bytes(108, base256(uid)).bytes(116, base256(uid));
    } else {
      pax.put("uid", bytes(Long.toString(uid)));
      pax.put("gid", bytes(Long.toString(uid)));
    }
    header.mtime(mtime);
    if (!gnu && type != '1') {
      extras(name, mtime, pax);
    }
    if (type == '3' || type == '4') {
      header.device(random.nextInt(4096), random.nextInt(1 << 18));
    }
    if (!pax.isEmpty()) {
      tar.pax('x', pax);
    }
    tar.entry(header, content);
  }

  /** What no hard link has to repeat: only files with such names have them. */
  private void extras(String name, long mtime, Map<String, byte[]> pax) {
    if (name.contains("xattr")) {
      pax.put("SCHILY.xattr.user.note", bytes(pick("", "v", "\u00e9=\n", "v".repeat(600))));
      pax.put("SCHILY.xattr.security.capability", new byte[] {1, 0, 0, 2, 0, 0x20, 0, 0});
      pax.put("mtime", bytes(mtime + pick(".0", ".25", ".5", ".999999999")));
    }
  }

  private void field(
      TarBuilder.Header header,
      int offset,
      String text,
      char extension,
      String key,
      Map<String, byte[]> pax) {
    if (bytes(text).length <= 100) {
      header.text(offset, text);
    } else if (extension == 'x') {
      header.text(offset, "replaced" + number);
      pax.put(key, bytes(text));
    } else {
      header.text(offset, "replaced" + number);
      tar.gnuLong(extension, text);
    }
  }

  private static int[] base256(long value) {
    var bytes = new int[8];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (int) (value >> (8 * (7 - i))) & 0xff;
    }
    bytes[0] |= 0x80;
    return bytes;
  }

  private String name() {
    return switch (random.nextInt(6)) {
      case 0 -> "long".repeat(random.nextInt(50)) + number;
      case 1 -> "\u00fc\u6f22\ud83d\udc33" + number;
      case 2 -> "with \"quotes\" \\ and\ttabs\u007f" + number;
      case 3 -> "..." + number;
      case 4 -> "xattr" + number;
      default -> "n" + number;
    };
  }

  private String target() {
    return pick("/etc/x", "../../y", "\u00e9".repeat(70), "t".repeat(300));
  }

  private byte[] content() {
    int chunk = Conversions.CHUNK;
    int length =
        switch (random.nextInt(4)) {
          case 0 -> pick(0, 0, 1, 511, 512, 513);
          case 1 -> chunk * (1 + random.nextInt(3)) + random.nextInt(3) - 1;
          default -> random.nextInt(900);
        };
    var content = new byte[length];
    if (random.nextBoolean()) {
      random.nextBytes(content);
    }
    return content;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @SafeVarargs
  private <T> T pick(T... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
