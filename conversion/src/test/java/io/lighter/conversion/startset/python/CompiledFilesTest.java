package io.lighter.conversion.startset.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompiledFilesTest {

  private static final String CACHED = "/app/__pycache__/a.cpython-311.pyc";

  private static PythonImage image(int flags, long modified) {
    return PythonImage.debian().compiled("/app/a.py", "x = 1", flags, modified);
  }

  private static List<String> own(PythonImage image, String... options) {
    var command = new java.util.ArrayList<>(List.of("python3"));
    command.addAll(List.of(options));
    command.addAll(List.of("-c", "import a"));
    return image.reads(command.toArray(String[]::new)).stream()
        .filter(path -> path.startsWith("/app/"))
        .toList();
  }

  @Test
  void read_matchingTimeAndSize_readsTheCompiledFileOnly() {
    assertThat(own(image(0, ImageBuilder.MODIFIED))).containsExactly(CACHED);
  }

  @Test
  void read_otherTime_readsBoth() {
    assertThat(own(image(0, ImageBuilder.MODIFIED + 1))).containsExactly(CACHED, "/app/a.py");
  }

  @Test
  void read_otherSize_readsBoth() {
    PythonImage image = image(0, ImageBuilder.MODIFIED).file("/app/a.py", "x = 12345");

    assertThat(own(image)).containsExactly(CACHED, "/app/a.py");
  }

  @Test
  void read_uncheckedHash_readsTheCompiledFileOnly() {
    assertThat(own(image(1, 0))).containsExactly(CACHED);
  }

  @Test
  void read_checkedHash_readsBoth() {
    assertThat(own(image(3, 0))).containsExactly(CACHED, "/app/a.py");
  }

  @Test
  void read_optimized_looksForTheFileOfThatLevel() {
    assertThat(own(image(0, ImageBuilder.MODIFIED), "-O")).containsExactly("/app/a.py");
    assertThat(
            own(
                image(0, ImageBuilder.MODIFIED)
                    .bytes("/app/__pycache__/a.cpython-311.opt-2.pyc", new byte[20]),
                "-OO"))
        .containsExactly("/app/__pycache__/a.cpython-311.opt-2.pyc", "/app/a.py");
  }

  @Test
  void read_prefix_looksThereOnly() {
    PythonImage image =
        image(0, ImageBuilder.MODIFIED).variable("PYTHONPYCACHEPREFIX", "/var/cache/py");

    assertThat(own(image)).containsExactly("/app/a.py");
    assertThat(own(image, "-E")).containsExactly(CACHED);
  }

  @Test
  void read_compiledFileWithoutSource_isTheModule() {
    assertThat(own(PythonImage.debian().bytes("/app/a.pyc", new byte[20])))
        .containsExactly("/app/a.pyc");
  }

  @Test
  void read_damagedHeader_readsBoth() {
    assertThat(own(PythonImage.debian().file("/app/a.py").bytes(CACHED, new byte[3])))
        .containsExactly(CACHED, "/app/a.py");
  }
}
