package io.lighter.conversion.startset.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.StartupFile;
import io.lighter.conversion.startset.trace.StartupSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeProgramTest {

  private static final Map<String, String> ENVIRONMENT =
      Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "HOME", "/root");

  /** As the official images have it. */
  private static ImageBuilder image() {
    return new ImageBuilder().executable("/usr/local/bin/node", "program");
  }

  private static StartupSet start(ImageBuilder image, String... command) {
    return start(image, ENVIRONMENT, command);
  }

  private static StartupSet start(
      ImageBuilder image, Map<String, String> environment, String... command) {
    return image.start(
        new NodeProgram(), new ImageCommand(List.of(command), environment, "/app", ""));
  }

  private static List<String> read(ImageBuilder image, String... command) {
    return ImageBuilder.paths(start(image, command)).stream()
        .filter(path -> !path.equals("/usr/local/bin/node"))
        .toList();
  }

  @Test
  void follow_relativeModules_readsThemDepthFirst() {
    ImageBuilder image =
        image()
            .file("/app/server.js", "require('./a'); require('./dir'); require('./data')")
            .file("/app/a.js", "require('./b.js')")
            .file("/app/b.js", "")
            .file("/app/dir/index.js", "")
            .file("/app/data.json", "{}")
            .file("/app/other.js", "");

    assertThat(read(image, "node", "server"))
        .containsExactly(
            "/app/server.js", "/app/a.js", "/app/b.js", "/app/dir/index.js", "/app/data.json");
  }

  @Test
  void follow_packages_readsTheirDescriptionsToo() {
    ImageBuilder image =
        image()
            .file("/app/package.json", "{}")
            .file("/app/lib/server.js", "require('express'); require('fs'); require('node:http')")
            .file("/app/node_modules/express/package.json", "{\"main\": \"lib/main\"}")
            .file("/app/node_modules/express/lib/main.js", "require('accepts/more')")
            .file("/app/node_modules/fs/index.js", "")
            .file("/node_modules/accepts/package.json", "{}")
            .file("/node_modules/accepts/more/index.js", "");

    assertThat(read(image, "node", "/app/lib/server.js"))
        .containsExactly(
            "/app/package.json",
            "/app/lib/server.js",
            "/app/node_modules/express/package.json",
            "/app/node_modules/express/lib/main.js",
            "/node_modules/accepts/package.json",
            "/node_modules/accepts/more/index.js");
  }

  @Test
  void follow_exports_choosesByTheWayOfLoading() {
    ImageBuilder image =
        image()
            .file(
                "/app/a.mjs", "import 'dual'; import 'dual/sub/x'; import '#own'; import 'dual/no'")
            .file("/app/b.cjs", "require('dual')")
            .file("/app/package.json", "{\"imports\": {\"#own\": {\"node\": \"./own.js\"}}}")
            .file("/app/own.js", "")
            .file(
                "/app/node_modules/dual/package.json",
                """
                {"exports": {
                  ".": {"browser": "./browser.js", "import": "./m.mjs", "require": "./c.cjs"},
                  "./sub/*": "./lib/*.js", "./sub/deep/*": null, "./no": null}}\
                """)
            .file("/app/node_modules/dual/m.mjs", "")
            .file("/app/node_modules/dual/c.cjs", "")
            .file("/app/node_modules/dual/browser.js", "")
            .file("/app/node_modules/dual/no.js", "")
            .file("/app/node_modules/dual/lib/x.js", "");

    assertThat(read(image, "node", "a.mjs"))
        .contains("/app/node_modules/dual/m.mjs", "/app/node_modules/dual/lib/x.js", "/app/own.js")
        .doesNotContain("/app/node_modules/dual/c.cjs", "/app/node_modules/dual/no.js");
    assertThat(read(image, "node", "b.cjs"))
        .contains("/app/node_modules/dual/c.cjs")
        .doesNotContain("/app/node_modules/dual/m.mjs");
  }

  @Test
  void follow_nodeThatRequiresModules_knowsTheirCondition() {
    ImageBuilder image =
        image()
            .file("/app/a.js", "require('dual')")
            .file(
                "/app/node_modules/dual/package.json",
                "{\"exports\": {\"module-sync\": \"./m.mjs\", \"default\": \"./c.cjs\"}}")
            .file("/app/node_modules/dual/m.mjs", "")
            .file("/app/node_modules/dual/c.cjs", "");
    var modern = Map.of("PATH", "/usr/local/bin", "NODE_VERSION", "22.12.0");

    assertThat(read(image, "node", "a.js")).contains("/app/node_modules/dual/c.cjs");
    assertThat(ImageBuilder.paths(start(image, modern, "node", "a.js")))
        .contains("/app/node_modules/dual/m.mjs");
  }

  @Test
  void follow_pnpmLayout_resolvesFromRealPaths() {
    ImageBuilder image =
        image()
            .file("/app/a.js", "require('x')")
            .link("/app/node_modules/x", ".pnpm/x@1/node_modules/x")
            .file("/app/node_modules/.pnpm/x@1/node_modules/x/index.js", "require('y')")
            .link("/app/node_modules/.pnpm/x@1/node_modules/y", "../../y@2/node_modules/y")
            .file("/app/node_modules/.pnpm/y@2/node_modules/y/index.js", "");

    assertThat(read(image, "node", "a.js"))
        .containsExactly(
            "/app/a.js",
            "/app/node_modules/.pnpm/x@1/node_modules/x/index.js",
            "/app/node_modules/.pnpm/y@2/node_modules/y/index.js");
  }

  @Test
  void follow_options_loadsWhatTheyName() {
    ImageBuilder image =
        image()
            .file("/app/hook.js", "")
            .file("/app/hook.mjs", "")
            .file("/app/all.js", "")
            .file("/app/.env", "")
            .file("/app/main.js", "")
            .file("/app/argument.js", "");
    var environment = Map.of("PATH", "/usr/local/bin", "NODE_OPTIONS", "--require=./all.js");

    assertThat(
            ImageBuilder.paths(
                start(
                    image,
                    environment,
                    "node",
                    "-r",
                    "./hook",
                    "--import",
                    "./hook.mjs",
                    "--env-file=.env",
                    "--max-old-space-size=64",
                    "main.js",
                    "argument.js")))
        .containsExactlyInAnyOrder(
            "/usr/local/bin/node",
            "/app/.env",
            "/app/all.js",
            "/app/hook.js",
            "/app/hook.mjs",
            "/app/main.js");
  }

  @Test
  void follow_sourceOnTheCommandLine_isScanned() {
    ImageBuilder image = image().file("/app/a.js", "").file("/app/x.js", "");

    assertThat(read(image, "node", "-e", "require('./a')", "x.js")).containsExactly("/app/a.js");
  }

  @Test
  void follow_requireInFunction_isPossibleUnlessOfTheEntry() {
    ImageBuilder image =
        image()
            .file("/app/main.js", "require('./top'); function main() { require('./inner') }")
            .file("/app/top.js", "module.exports = () => require('./lazy')")
            .file("/app/inner.js", "")
            .file("/app/lazy.js", "module.exports = () => require('./lazier')")
            .file("/app/lazier.js", "");

    StartupSet set = start(image, "node", "main.js");

    assertThat(set.files())
        .filteredOn(found -> found.file().path().startsWith("/app/"))
        .extracting(found -> found.file().name(), NodeProgramTest::certainty)
        .containsExactlyInAnyOrder(
            tuple("main.js", Certainty.CERTAIN),
            tuple("top.js", Certainty.CERTAIN),
            tuple("inner.js", Certainty.LIKELY),
            tuple("lazy.js", Certainty.POSSIBLE));
  }

  private static Certainty certainty(StartupFile found) {
    return found.reason().certainty();
  }

  @Test
  void follow_addons_areFoundWhereTheirFindersLook() {
    ImageBuilder image =
        image()
            .file("/lib/ld-linux-x86-64.so.2", "")
            .file("/app/main.js", "require('built'); require('prebuilt'); require('sharp')")
            .file("/app/node_modules/built/index.js", "require('bindings')('x')")
            .file("/app/node_modules/built/package.json", "{}")
            .file("/app/node_modules/bindings/index.js", "")
            .file("/app/node_modules/built/build/Release/x.node", "")
            .file("/app/node_modules/prebuilt/index.js", "require('node-gyp-build')(__dirname)")
            .file("/app/node_modules/prebuilt/package.json", "{}")
            .file("/app/node_modules/prebuilt/prebuilds/linux-x64/p.glibc.node", "")
            .file("/app/node_modules/prebuilt/prebuilds/linux-x64/p.musl.node", "")
            .file("/app/node_modules/prebuilt/prebuilds/win32-x64/p.node", "")
            .file("/app/node_modules/sharp/index.js", "")
            .file(
                "/app/node_modules/sharp/package.json",
                "{\"optionalDependencies\": {\"@img/sharp-linux-x64\": \"1\"}}")
            .file("/app/node_modules/@img/sharp-linux-x64/package.json", "{}")
            .file("/app/node_modules/@img/sharp-linux-x64/lib/sharp.node", "");

    assertThat(read(image, "node", "main.js"))
        .filteredOn(path -> path.endsWith(".node"))
        .containsExactlyInAnyOrder(
            "/app/node_modules/built/build/Release/x.node",
            "/app/node_modules/prebuilt/prebuilds/linux-x64/p.glibc.node",
            "/app/node_modules/@img/sharp-linux-x64/lib/sharp.node");
  }

  @Test
  void follow_missingModule_isNamedUnlessItsFailureIsCaught() {
    ImageBuilder image =
        image().file("/app/main.js", "require('./gone'); try { require('./tried') } catch {}");

    assertThat(start(image, "node", "main.js").unresolved())
        .singleElement()
        .satisfies(gone -> assertThat(gone.what()).isEqualTo("./gone"));
  }

  @Test
  void follow_moduleThatListsItsDirectory_takesAllOfIt() {
    ImageBuilder image =
        image()
            .file("/app/main.js", "require('./models')")
            .file(
                "/app/models/index.js",
                "fs.readdirSync(__dirname).forEach(file => require(path.join(__dirname, file)))")
            .file("/app/models/ship.js", "")
            .file("/app/models/README.md", "");

    assertThat(read(image, "node", "main.js"))
        .containsExactlyInAnyOrder("/app/main.js", "/app/models/index.js", "/app/models/ship.js");
  }

  @Test
  void follow_npmScript_isRunByTheShell() {
    ImageBuilder image =
        image()
            .executable("/usr/bin/env", "program")
            .executable("/bin/sh", "program")
            .executable(
                "/usr/local/lib/node_modules/npm/bin/npm-cli.js", "require('../lib/cli.js')")
            .file("/usr/local/lib/node_modules/npm/lib/cli.js", "module.exports = p => p")
            .file("/usr/local/lib/node_modules/npm/lib/commands/start.js", "")
            .file("/usr/local/lib/node_modules/npm/lib/commands/install.js", "")
            .file("/app/package.json", "{\"scripts\": {\"start\": \"node server.js\"}}");

    StartupSet set =
        start(image, "node", "/usr/local/lib/node_modules/npm/bin/npm-cli.js", "start");

    assertThat(ImageBuilder.paths(set))
        .contains(
            "/usr/local/lib/node_modules/npm/lib/cli.js",
            "/usr/local/lib/node_modules/npm/lib/commands/start.js",
            "/app/package.json",
            "/bin/sh")
        .doesNotContain("/usr/local/lib/node_modules/npm/lib/commands/install.js");
  }

  @Test
  void follow_starterWithVariables_followsWhatItStarts() {
    ImageBuilder image =
        image()
            .executable("/app/node_modules/cross-env/bin/cross-env.js", "")
            .file("/app/node_modules/cross-env/package.json", "{\"name\": \"cross-env\"}")
            .file(
                "/app/main.js", "if (process.env.MODE === 'a') require('./a'); else require('./b')")
            .file("/app/a.js", "")
            .file("/app/b.js", "");

    assertThat(read(image, "node", "node_modules/cross-env/bin/cross-env.js", "MODE=a", "main.js"))
        .contains("/app/main.js", "/app/a.js")
        .doesNotContain("/app/b.js");
  }

  @Test
  void follow_debian_readsItsBuiltinsAndGlobalPackages() {
    ImageBuilder image =
        new ImageBuilder()
            .executable("/usr/bin/node", "program")
            .file("/usr/share/nodejs/undici/undici-fetch.js", "")
            .file("/usr/share/nodejs/ws/index.js", "")
            .file("/app/a.js", "require('ws')");

    assertThat(ImageBuilder.paths(start(image, "node", "a.js")))
        .containsExactly(
            "/usr/bin/node",
            "/usr/share/nodejs/undici/undici-fetch.js",
            "/app/a.js",
            "/usr/share/nodejs/ws/index.js");
  }

  @Test
  void follow_modulesThatLoadEachOther_ends() {
    ImageBuilder image =
        image()
            .file("/app/a.js", "require('./b'); require('self')")
            .file("/app/b.js", "require('./a')")
            .file("/app/package.json", "{\"name\": \"self\", \"exports\": \"./a.js\"}")
            .link("/app/node_modules", ".");

    assertThat(read(image, "node", "a.js"))
        .containsExactly("/app/package.json", "/app/a.js", "/app/b.js");
  }
}
