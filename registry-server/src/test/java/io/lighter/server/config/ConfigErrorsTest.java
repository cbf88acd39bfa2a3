package io.lighter.server.config;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a configuration that cannot be started with is answered: FILE stands for its name. */
class ConfigErrorsTest {
  private static final String URL = "http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH]";

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      maxCharsPerColumn = 500,
      quoteCharacter = '~',
      textBlock =
          """
          http: {listen: 30500}            | http.listen (FILE): "30500" is not allowed; allowed: HOST:PORT such as 127.0.0.1:30500, or [::1]:30500, with a port from 0 to 65535
          http: {listen: {a: b}}           | http.listen (FILE): a section is not allowed; allowed: HOST:PORT such as 127.0.0.1:30500, or [::1]:30500, with a port from 0 to 65535
          http: {listen: "a:70000"}        | http.listen (FILE): a port is from 0 to 65535, not 70000
          http: {maxRequests: 0}           | http.maxRequests (FILE): "0" is not allowed; allowed: 1 or more
          http: {maxRequests: many}        | http.maxRequests (FILE): "many" is not allowed; allowed: a whole number, at most 2147483647
          http: {maxRequests: 1.5}         | http.maxRequests (FILE): "1.5" is not allowed; allowed: a whole number, at most 2147483647
          http: {maxRequests: 3000000000}  | http.maxRequests (FILE): "3000000000" is not allowed; allowed: a whole number, at most 2147483647
          http: {maxRequests: ""}          | http.maxRequests (FILE): "" is not allowed; allowed: a whole number, at most 2147483647
          http: {drain: soon}              | http.drain (FILE): "soon" is not allowed; allowed: 0, or a whole number with ms, s, m, h or d, such as 30s
          storage: {directory: ""}         | storage.directory (FILE): "" is not allowed; allowed: a path
          storage: {directory: [a]}        | storage.directory (FILE): a list is not allowed; allowed: text
          storage: {metadataMemory: much}  | storage.metadataMemory (FILE): "much" is not allowed; allowed: a whole number with B, KiB, MiB, GiB or TiB, such as 64MiB
          storage: {metadataMemory: 0B}    | storage.metadataMemory (FILE): "0 B" is not allowed; allowed: 16 MiB or more
          storage: {metadataMemory: 999999999TiB} | storage.metadataMemory (FILE): "999999999TiB" is not allowed; allowed: less than 8388608 TiB
          memory: {limit: much}            | memory.limit (FILE): "much" is not allowed; allowed: auto, or a whole number with B, KiB, MiB, GiB or TiB, such as 64MiB
          memory: {limit: [1]}             | memory.limit (FILE): a list is not allowed; allowed: auto, or a whole number with B, KiB, MiB, GiB or TiB, such as 64MiB
          memory: {limit: 0}               | memory.limit (FILE): "0 B" is not allowed; allowed: more than 0, or auto
          memory: {pins: 1MiB}             | memory.pins (FILE): unknown key; allowed: limit, pinned
          conversion: {mirrored: sometimes}| conversion.mirrored (FILE): "sometimes" is not allowed; allowed: replace, negotiate, off
          logging: {format: xml}           | logging.format (FILE): "xml" is not allowed; allowed: text, json
          tracing: {sample: 2}             | tracing.sample (FILE): "2.0" is not allowed; allowed: a number from 0 to 1, such as 0.1
          tracing: {sample: often}         | tracing.sample (FILE): "often" is not allowed; allowed: a number
          tracing: {otlp: collector:4318}  | tracing.otlp (FILE): "collector:4318" is not allowed; allowed: empty, or http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH], such as http://collector:4318
          logging: {access: perhaps}       | logging.access (FILE): "perhaps" is not allowed; allowed: true or false
          hosted: {sparse: team}           | hosted.sparse (FILE): "team" is not allowed; allowed: a list
          hosted: {sparse: [A]}            | hosted.sparse (FILE): "A" is not allowed; allowed: a lower-case name in which * stands for part of a component and ** for any number of components
          hosted: {sparse: [null]}          | hosted.sparse[0] (FILE): nothing is not allowed; allowed: text
          conversion: 3                    | conversion (FILE): "3" is not allowed; allowed: a section with the keys workers, mirrored, hosted, rules, exclude, maxLayer, startupSet, platforms, subject, latencyTarget
          http: {trustedProxies: [x]}      | http.trustedProxies (FILE): "x" is not allowed; allowed: an IP address, or ADDRESS/BITS such as 10.0.0.0/8
          gc: {grace: 2d, retention: 1d}   | gc (FILE): the retention must not be less than the grace, 172800 s, but is 86400 s
          http: {tls: {certificate: /a}}   | http.tls (FILE): certificate and key go together; allowed: both of them, or neither
          http: {listen: "0.0.0.0:5000"}   | access.anonymous: "auto" is not allowed; allowed: on the loopback only, and http.listen is 0.0.0.0:5000; nothing says who may push. Give access.htpasswd or access.rules, or say what everybody may: pull, nothing, or everything
          access: {anonymous: some}        | access.anonymous (FILE): "some" is not allowed; allowed: auto, nothing, pull, everything
          access: {tokenTtl: 1s}           | access.tokenTtl (FILE): "1s" is not allowed; allowed: 1m to 1d
          access: {rules: [{repositories: a, groups: x, actions: pull}]} | access.rules (FILE): there is no group "x"; allowed: none
          access: {rules: [{repositories: a, actions: pull}]} | access.rules[0] (FILE): users or groups is missing; a rule says whom it is for, with * for all who have said who they are and anonymous for everyone
          management: [a]                  | management (FILE): a list is not allowed; allowed: a section with the keys listen, debug, tls, access
          nonsense: 1                      | nonsense (FILE): unknown key; allowed: http, management, access, limits, storage, memory, upstreams, defaultUpstream, openWorld, hosted, conversion, verify, gc, pull, logging, tracing
          limits: {fills: 0}               | limits.fills (FILE): "0" is not allowed; allowed: 1 or more
          limits: {client: {bandwidth: 1KiB}} | limits.client.bandwidth (FILE): "1024 B" is not allowed; allowed: 0 for any, or 16KiB (a second) or more
          limits: {quotas: {a/b: 1GiB}}    | limits.quotas (FILE): "a/b" is not allowed; allowed: first components of repository names, such as team
          storage: {dir: x}                | storage.dir (FILE): unknown key; allowed: directory, metadataMemory, openBlobs, uploadExpiry, maxUploads, capacity, freeSpace, minFree, convertedLease, partialExpiry
          storage: {freeSpace: 95%}        | storage.freeSpace (FILE): "95%" is not allowed; allowed: a percentage of the disk up to 90%, such as 5%, or a whole number with B, KiB, MiB, GiB or TiB, such as 5GiB
          pull: [{every: 1h}]              | pull[0] (FILE): image is missing; every image to pull has a name
          pull: [{image: "a.b/c:-"}]       | pull[0] (FILE): not a tag: "-"; allowed are 1 to 128 of letters, digits, ".", "_" and "-", not starting with "." or "-"
          pull: [{image: a.b/c, platforms: [amd64]}] | pull[0] (FILE): "amd64" is not allowed; allowed: OS/ARCHITECTURE[/VARIANT] such as linux/amd64 or linux/arm/v7
          pull: [{image: a.b/c, every: 10ms}] | pull[0] (FILE): every: less than 1s is not allowed; allowed: 1s or more
          conversion: {rules: [{view: off}]} | conversion.rules[0] (FILE): repositories is missing; every rule names the repositories that it is for
          conversion: {rules: [{repositories: a, view: maybe}]} | conversion.rules[0].view (FILE): "maybe" is not allowed; allowed: replace, negotiate, off
          conversion: {rules: [{repositories: A}]} | conversion.rules[0] (FILE): repositories: "A" is not allowed; allowed: a lower-case name in which * stands for part of a component and ** for any number of components
          conversion: {rules: [{repositories: []}]} | conversion.rules[0] (FILE): repositories: [] is not allowed; allowed: one pattern or more, such as docker.io/library/*
          conversion: {rules: [{repositories: a, platforms: [amd64]}]} | conversion.rules[0] (FILE): platforms: "amd64" is not allowed; allowed: OS/ARCHITECTURE[/VARIANT] such as linux/amd64 or linux/arm/v7
          conversion: {rules: [{repositories: a, wiew: off}]} | conversion.rules[0].wiew (FILE): unknown key, perhaps meant as view; allowed: repositories, view, maxLayer, startupSet, platforms
          conversion: {platforms: [pulled, linux/amd64]} | conversion.platforms (FILE): [pulled, linux/amd64] is not allowed; allowed: pulled alone, or one platform or more such as linux/amd64
          conversion: {exclude: ["(a)"]}   | conversion.exclude (FILE): "(a)" is not allowed; allowed: a lower-case name in which * stands for part of a component and ** for any number of components
          conversion: {wokers: 1}          | conversion.wokers (FILE): unknown key, perhaps meant as workers; allowed: workers, mirrored, hosted, rules, exclude, maxLayer, startupSet, platforms, subject, latencyTarget
          conversion: {Workers: 1}         | conversion.Workers (FILE): unknown key, perhaps meant as workers; allowed: workers, mirrored, hosted, rules, exclude, maxLayer, startupSet, platforms, subject, latencyTarget
          upstreams: [docker.io]           | upstreams[0] (FILE): "docker.io" is not allowed; allowed: a section with the keys name, endpoint, hosts, prefix, tagTtl, negativeTtl, stale, username, passwordFile, credentials, maxConnections, connectionsPerBlob, fill, proxy, caCertificates
          upstreams: [{name: docker.io}]   | upstreams[0] (FILE): endpoint is missing; every upstream has a name and an endpoint
          upstreams: [{endpoint: "http://a"}]                    | upstreams[0] (FILE): name is missing; every upstream has a name and an endpoint
          upstreams: [{name: a.b, endpoint: "http://x", tag: 1}] | upstreams[0].tag (FILE): unknown key; allowed: name, endpoint, hosts, prefix, tagTtl, negativeTtl, stale, username, passwordFile, credentials, maxConnections, connectionsPerBlob, fill, proxy, caCertificates
          upstreams: [{name: bare, endpoint: "http://x"}]        | upstreams[0].name (FILE): "bare" is not allowed; allowed: a lower-case host with a dot or a port, such as docker.io or registry:5000
          upstreams: [{name: a.b, endpoint: "ftp://x"}]          | upstreams[0].endpoint (FILE): "ftp://x" is not allowed; allowed: URL
          upstreams: [{name: a.b, endpoint: "a b"}]              | upstreams[0].endpoint (FILE): "a b" is not allowed; allowed: URL
          upstreams: [{name: a.b, endpoint: "http://u:secret@x y"}] | upstreams[0].endpoint (FILE): "an address with a user" is not allowed; allowed: URL
          upstreams: [{name: a.b, endpoint: "http://x", maxConnections: 1}] | upstreams[0].maxConnections (FILE): "1" is not allowed; allowed: from 2 to 1000
          upstreams: [{name: a.b, endpoint: "http://x", stale: {gone: serve}}]   | upstreams[0].stale.gone (FILE): unknown key; allowed: unreachable, slow, limited, error, denied, missing, patience, maxAge
          upstreams: [{name: a.b, endpoint: "http://x", stale: {denied: maybe}}] | upstreams[0].stale.denied (FILE): "maybe" is not allowed; allowed: serve, refuse
          upstreams: [{name: a.b, endpoint: "http://x", stale: {patience: 0}}]   | upstreams[0].stale.patience (FILE): "PT0S" is not allowed; allowed: more than zero
          upstreams: [{name: a.b, endpoint: "http://x", stale: {maxAge: 0}}]     | upstreams[0].stale.maxAge (FILE): "PT0S" is not allowed; allowed: more than zero
          upstreams: [{name: a.b, endpoint: "http://x", hosts: [Local]}]         | upstreams[0].hosts (FILE): "Local" is not allowed; allowed: lower-case hosts, each with a port if it has one
          upstreams: [{name: a.b, endpoint: "http://x", hosts: [h]}, {name: b.c, endpoint: "http://x", hosts: [h]}] | upstreams (FILE): "h" is not allowed; allowed: each of the hosts once
          upstreams: [{name: a.b, endpoint: "http://x", username: me}]      | upstreams[0] (FILE): it has a username, but no passwordFile; allowed: both or neither
          upstreams: [{name: a.b, endpoint: "http://x"}, {name: a.b, endpoint: "http://y"}] | upstreams (FILE): "a.b" is not allowed; allowed: each name once
          defaultUpstream: other.example   | defaultUpstream (FILE): "other.example" is not allowed; allowed: empty, or one of docker.io, ghcr.io, quay.io, registry.k8s.io, gcr.io, public.ecr.aws, mcr.microsoft.com
          http: [1                         | configuration file FILE is not valid YAML: line 2, column 1: expected ',' or ']', but got <stream end>
          'a: b: c'                        | configuration file FILE holds no keys; allowed: the sections http, management, access, limits, storage, memory, upstreams, defaultUpstream, openWorld, hosted, conversion, verify, gc, pull, logging, tracing
          a: b: c                          | configuration file FILE is not valid YAML: line 1, column 5: mapping values are not allowed here
          """)
  void load_badFile_saysKeyOriginValueAndWhatIsAllowed(String yaml, String message)
      throws IOException {
    Path file = Files.writeString(directory.resolve("lighter.yaml"), yaml + "\n");

    assertThatThrownBy(() -> load(file, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessage(message.replace("FILE", file.toString()).replace("URL", URL));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'http:\n\t- x'         | line 2, column 1: found character
          'http: {}\nhttp: {}'   | line 2: a key stands there for the second time
          'http: {}\n---\na: {}' | line 3: another document begins
          """)
  void load_notOneDocument_saysWhere(String yaml, String message) throws IOException {
    Path file = Files.writeString(directory.resolve("lighter.yaml"), yaml.translateEscapes());

    assertThatThrownBy(() -> load(file, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("configuration file " + file + " is not valid YAML: " + message);
  }

  @Test
  void load_noSuchFile_isNamed() {
    assertThatThrownBy(() -> load(Path.of("/no/such/lighter.yaml"), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessage("configuration file /no/such/lighter.yaml cannot be read: it does not exist");
  }

  @Test
  void load_directoryAsFile_isNamed() {
    assertThatThrownBy(() -> load(directory, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessage("configuration file " + directory + " cannot be read: it is a directory");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          LIGHTER_STORAGE_DIRECTORY | ~~   | LIGHTER_STORAGE_DIRECTORY is set, but to nothing
          LIGHTER_DEFAULTUPSTREAM   | ~ ~  | LIGHTER_DEFAULTUPSTREAM is set, but to nothing
          LIGHTER_HTTP_MAXREQUESTS  | many | http.maxRequests (LIGHTER_HTTP_MAXREQUESTS): "many" is not allowed
          LIGHTER_UPSTREAMS         | [{]  | LIGHTER_UPSTREAMS is not valid YAML: line 1, column 3
          LIGHTER_UPSTREAMS         | [{name: a.b}] | upstreams[0] (LIGHTER_UPSTREAMS): endpoint is missing
          """)
  void load_badVariable_isNamed(String variable, String value, String message) {
    assertThatThrownBy(() -> ConfigLoader.load(nothing(), Map.of(variable, value)))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void load_badOption_isNamed() {
    assertThatThrownBy(() -> withUpstream("foo=http://x"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("upstreams[7].name (--upstream foo): \"foo\" is not allowed");
    assertThatThrownBy(() -> withUpstream("quay.io=x"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("upstreams[2].endpoint (--upstream quay.io): \"x\" is not allowed");
    assertThatThrownBy(() -> withUpstream("quay.io"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("--upstream: \"quay.io\" is not allowed; allowed: NAME=URL");
  }

  @Test
  void requireFiles_missingFile_isNamed() {
    Path password = directory.resolve("password");
    ServerConfig config =
        ConfigLoader.load(
            nothing(),
            Map.of(
                "LIGHTER_UPSTREAMS",
                "[{name: docker.io, endpoint: 'http://x', username: me, passwordFile: '%s'}]"
                    .formatted(password)));

    assertThatThrownBy(config::requireFiles)
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "upstreams[0].passwordFile: \"%s\" does not exist; allowed: a file that the user of this process may read"
                .formatted(password));
  }

  private static ServerConfig withUpstream(String option) {
    return ConfigLoader.load(
        new ConfigLoader.CommandLine(
            Optional.empty(), Optional.empty(), Optional.empty(), List.of(option), false),
        Map.of());
  }

  private static ConfigLoader.CommandLine nothing() {
    return new ConfigLoader.CommandLine(
        Optional.empty(), Optional.empty(), Optional.empty(), List.of(), false);
  }

  private static ServerConfig load(Path file, Map<String, String> environment) {
    return ConfigLoader.load(
        new ConfigLoader.CommandLine(
            Optional.of(file), Optional.empty(), Optional.empty(), List.of(), false),
        environment);
  }
}
