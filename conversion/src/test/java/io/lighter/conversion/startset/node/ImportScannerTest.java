package io.lighter.conversion.startset.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImportScannerTest {

  private static List<ModuleRequest> scan(String source) {
    return scan(source, Map.of());
  }

  private static List<ModuleRequest> scan(String source, Map<String, String> environment) {
    return ImportScanner.scan(source.getBytes(StandardCharsets.UTF_8), environment, false);
  }

  private static List<String> names(List<ModuleRequest> requests) {
    return requests.stream().map(ModuleRequest::specifier).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "require('a')",
        "const x = require(\"a\").y;",
        "const x = require(`a`)",
        "import 'a'",
        "import x from 'a'",
        "import * as x from 'a'",
        "import x, { y as z } from 'a' with { type: 'json' }",
        "export * from 'a'",
        "export { y as default } from 'a'",
        "await import('a')",
        "const r = createRequire(import.meta.url); r('a')",
        "const rq = module.require('a')",
        "__require('a')",
        "(function () { require('a') })()",
        "!function () { require('a') }()",
        "(() => { require('a') })()",
        "(async () => { require('a') })()",
        "(function (root, make) { make(root) })(this, function (m) { require('a') })",
        "if (x) { /* ' */ } require('a')",
        "const y = `${`}`}'` + require('a')",
        "const y = 1 / 2 / 3; require('a') // '",
        "if (x) /'/.test(y); require('a')",
        "class A { m() { return /[/']/ } }\nrequire('a')",
        "return /['\"]/.test(x) ? 1 : require('a')",
        "#!/usr/bin/env node '\nrequire('a')"
      })
  void scan_loadedWithTheModule_isTop(String source) {
    assertThat(scan(source))
        .filteredOn(request -> request.specifier().equals("a"))
        .singleElement()
        .extracting(ModuleRequest::place)
        .isEqualTo(ModuleRequest.Place.TOP);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "// require('a')",
        "/* import 'a' */",
        "'require(\"a\")'",
        "`require('a')`",
        "x = /require('a')/",
        "x.require('a')",
        "function require(x = 'a') {}",
        "require('a' + b)",
        "require(`a${b}`)",
        "x = { from: 'a' }",
        "Array.from('a')"
      })
  void scan_noModuleNamed_findsNothing(String source) {
    assertThat(names(scan(source))).doesNotContain("a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "function f() { return require('a') }",
        "const f = () => require('a')",
        "const f = x => { require('a') }",
        "class A { get b() { return require('a') } }",
        "x({ get b() { return require('a') } })",
        "on('x', function () { require('a') })",
        "on('x', (y) => require('a'), z)",
        "(function () { x(function () { require('a') }) })()"
      })
  void scan_inFunction_isSaid(String source) {
    assertThat(scan(source))
        .singleElement()
        .extracting(ModuleRequest::place)
        .isEqualTo(ModuleRequest.Place.FUNCTION);
  }

  @Test
  void scan_behindFunctions_isTopAgain() {
    assertThat(
            scan(
                "const f = () => g\nconst h = x => x + 1, i = require('a')\nfunction j() {} require('b')"))
        .extracting(ModuleRequest::place)
        .containsOnly(ModuleRequest.Place.TOP)
        .hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "if (process.env.NODE_ENV === 'production') require('a'); else require('b') # a",
        "if (process.env.NODE_ENV !== 'production') { require('b') } else { require('a') } # a",
        "if (process.env.OTHER) { require('b') } else if (typeof window == 'undefined') require('a'); else require('b') # a",
        "if (typeof process === 'undefined' || process.type === 'renderer') { require('b') } else { require('a') } # a",
        "if (process.platform === 'win32' && x()) require('b'); require('a') # a",
        "if (!(process.platform === 'linux')) { if (x) require('b'); else require('b') } require('a') # a",
        "if (require.main === module) require('b'); require('a') # a",
        "if (typeof define === 'function' && define.amd) define(['b']); else if (typeof exports === 'object') require('a') # a"
      })
  void scan_decidedBranch_followsTheOneTaken(String source, String found) {
    List<ModuleRequest> requests = scan(source, Map.of("NODE_ENV", "production"));

    assertThat(names(requests)).containsExactly(found);
    assertThat(requests.getFirst().place()).isEqualTo(ModuleRequest.Place.TOP);
  }

  @Test
  void scan_branchesWithoutSemicolons_endWithTheirLines() {
    String source =
        "if (process.env.X)\n  y = require('b')\nelse\n  y = require('a')\nrequire('c')";

    assertThat(names(scan(source))).containsExactly("a", "c");
  }

  @Test
  void scan_undecidedBranch_followsBothAsConditional() {
    assertThat(scan("if (x()) require('a'); else { require('b') } require('c')"))
        .extracting(ModuleRequest::specifier, ModuleRequest::place)
        .containsExactly(
            tuple("a", ModuleRequest.Place.CONDITIONAL),
            tuple("b", ModuleRequest.Place.CONDITIONAL),
            tuple("c", ModuleRequest.Place.TOP));
  }

  @Test
  void scan_tryAndCatch_areGuardedAndAfterFailure() {
    List<ModuleRequest> requests =
        scan("try { require('a') } catch (e) { require('b') } require('c')");

    assertThat(requests).extracting(ModuleRequest::guarded).containsExactly(true, true, false);
    assertThat(requests)
        .extracting(ModuleRequest::place)
        .containsExactly(
            ModuleRequest.Place.TOP, ModuleRequest.Place.AFTER_FAILURE, ModuleRequest.Place.TOP);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x(path.join(__dirname, 'a', 'b.wasm'))",
        "x(__dirname + '/a/b.wasm')",
        "x(new URL('./a/b.wasm', import.meta.url))",
        "x(join(import.meta.dirname, 'a/b.wasm'))"
      })
  void scan_fileBesideTheSource_isNamed(String source) {
    assertThat(scan(source))
        .singleElement()
        .isEqualTo(
            new ModuleRequest(
                "./a/b.wasm", ModuleRequest.Kind.FILE, ModuleRequest.Place.TOP, false));
  }

  @Test
  void scan_nestedWithoutEnd_endsAndKeepsWhatItHas() {
    String source = "require('a');" + "({[".repeat(100_000) + "require('b')";

    assertThat(names(scan(source))).containsExactly("a");
  }
}
