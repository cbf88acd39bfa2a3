package io.lighter.conversion.startset.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.trace.StartupSet;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sources and descriptions of packages with bytes changed, cut out and doubled. */
class FuzzedSourceTest {

  private static final String SOURCE =
      """
      #!/usr/bin/env node
      import x, { y } from 'pkg'; export * from "./b.js";
      if (process.env.A === 'b' && typeof window !== 'undefined') { require('./c') } else require(`d`)
      try { require('bindings')('x') } catch (e) { z = () => import('pkg/sub') }
      const s = `a${ f({ g() { return /[/]'"`]/g } }) }b`, t = new URL('./w.wasm', import.meta.url)
      ;(function (r, m) { m(r) })(this, function () { fs.readdirSync(__dirname + '/x'); require(v) })
      """;

  private static final String DESCRIPTION =
      """
      {"name": "pkg", "main": "./b", "imports": {"#a/*": ["./x/*", null]},
       "optionalDependencies": {"pkg-linux-x64": "1"},
       "exports": {".": {"import": "./m.mjs", "default": ["./b.js"]}, "./sub/": "./lib/", "./*": "./*.js"}}
      """;

  @Test
  void scan_mutatedSources_alwaysEnds() {
    var random = new Random(7);
    for (int i = 0; i < 8_000; i++) {
      byte[] source = mutated(SOURCE, random);
      for (ModuleRequest request : ImportScanner.scan(source, Map.of("A", "b"), true)) {
        assertThat(request.specifier().length()).isLessThanOrEqualTo(source.length);
      }
    }
  }

  @Test
  void follow_mutatedPackages_endsWithoutException() {
    var random = new Random(11);
    for (int i = 0; i < 250; i++) {
      StartupSet set =
          new ImageBuilder()
              .executable("/usr/bin/node", "program")
              .file("/app/a.mjs", mutated(SOURCE + "import 'pkg'; import 'pkg/sub/q'", random))
              .file("/app/package.json", mutated(DESCRIPTION, random))
              .file("/app/node_modules/pkg/package.json", mutated(DESCRIPTION, random))
              .file("/app/node_modules/pkg/b.js", mutated(SOURCE, random))
              .file("/app/node_modules/pkg/m.mjs", mutated(SOURCE, random))
              .start(
                  new NodeProgram(),
                  new ImageCommand(
                      List.of("node", "a.mjs"), Map.of("PATH", "/usr/bin"), "/app", ""));

      assertThat(ImageBuilder.paths(set)).contains("/app/a.mjs");
      assertThat(set.cpu()).isLessThan(Duration.ofSeconds(10));
    }
  }

  private static byte[] mutated(String text, Random random) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int changes = random.nextInt(6); changes >= 0; changes--) {
      int at = random.nextInt(bytes.length);
      int length = Math.min(bytes.length - at, 1 + random.nextInt(20));
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = (byte) "(){}[]'\"`/\\$;,".charAt(random.nextInt(14));
        default ->
            System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
      }
    }
    return Arrays.copyOf(bytes, bytes.length - random.nextInt(20));
  }
}
