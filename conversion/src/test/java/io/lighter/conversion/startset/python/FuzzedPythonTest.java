package io.lighter.conversion.startset.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.image.ImageTree;
import io.lighter.conversion.startset.trace.AnalysisLimits;
import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.StartupSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/** Programs with bytes changed at random, and programs made to take for ever. */
class FuzzedPythonTest {

  private static final int RUNS = 2_000;

  /** Made into one image, which takes longer than to follow them. */
  private static final int PROGRAMS = 50;

  private static final AnalysisLimits LIMITS =
      new AnalysisLimits(Duration.ofSeconds(2), 64 << 20, 1_000, 4 << 20);

  private static final String SOURCE =
      """
      import sys, os.path as p; from a import (b as c, d)
      from .. import e
      if sys.version_info[:2] >= (3, 8) and not (os.name == 'nt' or x.y):
          try: import json, missing
          except (ImportError, OSError) as error: json = None
          else:
              import other
          finally: pass
      elif TYPE_CHECKING: from typing import *
      class A(Base, metaclass=M):
          '''text
          import never'''
          @property
          async def f(self, name="x", *, y={'a': [1, (2, 3)]}):
              return importlib.import_module(name).g(f"{y!r:>{w}}")
      __all__ = ["a", 'b']
      with suppress(ImportError), open('/etc/passwd') as f: import this
      for i in A().f("json"): sys.path.insert(0, os.path.dirname(__file__))
      match x:
          case [1, *_] if y: import z
      lazy.attach_stub(__name__, __file__); A().f('other').h(lambda q: q)
      """;

  private static byte[] mutated(byte[] original, Random random) {
    byte[] bytes = original.clone();
    byte[] special = "()[]{}:;,.'\"\\\n\t #@*=\0\377".getBytes(StandardCharsets.ISO_8859_1);
    for (int changes = random.nextInt(6); changes > 0; changes--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] = special[random.nextInt(special.length)];
        case 2 -> bytes[at] = bytes[random.nextInt(bytes.length)];
        default -> {
          int length = Math.min(bytes.length - at, random.nextInt(40));
          System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
        }
      }
    }
    return bytes;
  }

  private static ImageBuilder python() {
    return new ImageBuilder()
        .executable("usr/bin/python3.11", "the interpreter")
        .file("usr/lib/python3.11/os.py", "import sys")
        .file("usr/lib/python3.11/json.py", SOURCE);
  }

  private static final AnalysisLimits SHORT =
      new AnalysisLimits(Duration.ofMillis(300), 64 << 20, 1_000, 4 << 20);

  private static StartupSet follow(ImageTree image, AnalysisLimits limits, String... command)
      throws IOException {
    var line = new ImageCommand(List.of(command), Map.of("PATH", "/usr/bin"), "/app", "");
    return Start.follow(image, line, List.of(new PythonProgram()), (_, _, _) -> {}, limits);
  }

  @Test
  void follow_anyBytes_endsWithinItsLimits() throws IOException {
    byte[] source = SOURCE.getBytes(StandardCharsets.UTF_8);
    byte[] zip = zip(source);
    byte[] object = PythonImage.latin("\177ELF\0json\0__pyx_\0a.b\0other\0" + "x".repeat(100));
    byte[] path = PythonImage.latin("import other; other.f()\n../x\n/\n");
    int followed = 0;
    for (int seed = 0; seed < RUNS; seed += PROGRAMS) {
      var random = new Random(seed);
      ImageBuilder builder =
          python()
              .file("app/other.py", mutated(source, random))
              .file("app/a/__init__.py", mutated(source, random))
              .file("app/a/b.so", mutated(object, random))
              .file("app/__pycache__/other.cpython-311.pyc", mutated(new byte[16], random))
              .file("usr/lib/python3.11/site-packages/x.pth", mutated(path, random))
              .file("app/pyvenv.cfg", mutated(path, random));
      for (int i = 0; i < PROGRAMS; i++) {
        builder.file("app/run" + i + ".py", mutated(i % 10 == 0 ? zip : source, random));
      }
      ImageTree image = builder.build();
      for (int i = 0; i < PROGRAMS; i++) {
        StartupSet set = follow(image, LIMITS, "python3.11", "/app/run" + i + ".py");
        assertThat(set.cpu()).as("seed %d, program %d", seed, i).isLessThan(LIMITS.cpu());
        assertThat(ImageBuilder.paths(set)).contains("/app/run" + i + ".py");
        followed += ImageBuilder.paths(set).contains("/app/a/__init__.py") ? 1 : 0;
      }
    }
    assertThat(followed).as("programs whose imports were followed").isGreaterThan(RUNS / 4);
  }

  private static byte[] zip(byte[] source) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("__main__.py"));
      zip.write(source);
    }
    return bytes.toByteArray();
  }

  @Test
  void follow_absurdPrograms_endWithinTheirLimits() throws IOException {
    var deep = new StringBuilder();
    for (int i = 0; i < 2_000; i++) {
      deep.append(" ".repeat(i)).append("if x").append(i).append(":\n");
    }
    var classes = new StringBuilder("class C0: pass\n");
    for (int i = 1; i < 5_000; i++) {
      classes.append("class C%d(C%d, C%d): pass\nC%d().f()\n".formatted(i, i - 1, i / 2, i));
    }
    var calls = new StringBuilder();
    for (int i = 0; i < 3_000; i++) {
      calls.append("def f%d(x):\n  f%d('os')\n  f%d('json')\n".formatted(i, i + 1, i / 2));
    }
    var stars = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      stars.append("n%d = None\n".formatted(i));
    }
    ImageBuilder builder =
        python()
            .file("app/deep.py", deep.toString())
            .file("app/brackets.py", "x = " + "(".repeat(1 << 20))
            .file("app/condition.py", "if " + "not (".repeat(100_000) + "x:\n  import os\n")
            .file("app/dots.py", "import " + "a.".repeat(200_000) + "b\nx" + ".y()".repeat(100_000))
            .file("app/names.py", "__import__('" + "a.".repeat(200_000) + "b')")
            .file("app/classes.py", classes + "class X(X): pass\nX().y\n")
            .file("app/calls.py", calls + "f0('os')\n")
            .file("app/tries.py", "try: import no\nexcept: import no\n".repeat(50_000))
            .file("app/stars.py", stars + "from stars2 import *\n")
            .file("app/stars2.py", stars + "from stars import *\n".repeat(2_000))
            .file("app/quote.py", "'''" + "\\".repeat(1 << 20))
            .file(
                "app/self/__init__.py",
                "from . import self\n" + "from .self import x\n".repeat(9_999))
            .link("app/self/self", ".");
    ImageTree image = builder.build();

    for (String name :
        List.of(
            "deep",
            "brackets",
            "condition",
            "dots",
            "names",
            "classes",
            "calls",
            "tries",
            "stars",
            "quote",
            "self")) {
      StartupSet set = follow(image, SHORT, "python3.11", "-m", name);
      assertThat(set.cpu()).as(name).isLessThan(SHORT.cpu().plus(Duration.ofSeconds(1)));
    }
  }
}
