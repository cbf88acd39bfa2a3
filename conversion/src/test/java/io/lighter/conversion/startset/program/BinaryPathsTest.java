package io.lighter.conversion.startset.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Start;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BinaryPathsTest {

  private static List<String> paths(String data) {
    var found = new ArrayList<String>();
    ProgramKind kind =
        new ProgramKind() {
          @Override
          public boolean runs(Invocation invocation) {
            return true;
          }

          @Override
          public void follow(Invocation invocation, Start start) {
            BinaryPaths.of(invocation.program(), start).stream()
                .map(ImageFile::path)
                .forEach(found::add);
          }
        };
    new ImageBuilder()
        .file("/etc/a", "")
        .file("/etc/b", "")
        .file("/x", "")
        .file("/proc/version", "")
        .executable("/bin/p", data.getBytes(StandardCharsets.ISO_8859_1))
        .start(kind, List.of("/bin/p"));
    return found;
  }

  @Test
  void of_wholeStrings_areThePathsThatExistInTheirOrder() {
    assertThat(paths("\u007fELF\0/etc/b\0x\0/etc/none\0/etc/a\0"))
        .containsExactly("/etc/b", "/etc/a");
  }

  @Test
  void of_partsOfStrings_areNone() {
    assertThat(paths("\u007fELF\0open /etc/b\0/etc/a:/etc/b\0/etc/a b\0/etc/a")).isEmpty();
  }

  @Test
  void of_pathsOfTheKernelAndShortOnes_areNone() {
    assertThat(paths("\u007fELF\0/proc/version\0/x\0/dev/null\0")).isEmpty();
  }

  @Test
  @Timeout(20)
  void of_manySlashesAndLongStrings_takesBoundedTime() {
    assertThat(
            paths(
                "\0/"
                    + "a".repeat(300)
                    + "\0/etc/a\0"
                    + "\0/".repeat(200_000)
                    + "/".repeat(500_000)))
        .containsExactly("/etc/a");
  }
}
