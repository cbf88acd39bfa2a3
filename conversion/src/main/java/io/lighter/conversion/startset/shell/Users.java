package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Start;
import java.util.Optional;

/** Who a program runs as, by the image's list of users. */
final class Users {

  private static final int LONGEST_LIST = 256 << 10;

  /** A number that is not root's, where the list does not have one. */
  private static final String SOMEBODY = "1000";

  private final Start start;

  Users(Start start) {
    this.start = start;
  }

  private String user() {
    return start.isRoot() ? "root" : start.user().split(":", 2)[0];
  }

  /** Number of the user. */
  String number() {
    if (start.isRoot()) {
      return "0";
    }
    return entry().map(fields -> fields[2]).orElse(isNumber(user()) ? user() : SOMEBODY);
  }

  /** Number of the group. */
  String group() {
    if (start.isRoot()) {
      return "0";
    }
    return entry().map(fields -> fields[3]).orElse(SOMEBODY);
  }

  String name() {
    return entry().map(fields -> fields[0]).orElse(user());
  }

  String home() {
    return entry().map(fields -> fields[5]).orElse(start.isRoot() ? "/root" : "/");
  }

  private Optional<String[]> entry() {
    Optional<ImageFile> list = start.image().file("/etc/passwd");
    if (list.isEmpty()) {
      return Optional.empty();
    }
    String user = user();
    return start
        .text(list.get(), LONGEST_LIST)
        .lines()
        .map(line -> line.split(":", -1))
        .filter(fields -> fields.length >= 7 && (fields[0].equals(user) || fields[2].equals(user)))
        .findFirst();
  }

  private static boolean isNumber(String text) {
    return text.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
