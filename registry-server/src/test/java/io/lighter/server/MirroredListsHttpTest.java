package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.Tag;
import io.lighter.server.upstream.Images;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tags and referrers of mirrored repositories, as clients get them. */
class MirroredListsHttpTest {
  private static final String UPSTREAM = "library/app";
  private static final String APP = "/v2/docker.io/app";
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>; rel=\"next\"");

  @TempDir private Path data;
  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private final Manifest image = upstream.manifest(UPSTREAM, "1", Images.json("one"));
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(data, upstream.uri(), Duration.ZERO);
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/docker.io/app/tags/list?n=2",
        "/v2/app/tags/list?n=2&ns=docker.io",
        "/v2/library/app/tags/list?n=2"
      })
  void tags_ofAMirroredRepository_arePaged(String first) {
    List.of("2", "3", "4", "5").forEach(tag -> upstream.manifest(UPSTREAM, tag, Images.json("x")));

    var tags = new ArrayList<String>();
    int pages = 0;
    for (Optional<String> path = Optional.of(first); path.isPresent(); pages++) {
      HttpResponse<byte[]> answer = server.get(path.get());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("OCI-Namespace")).contains("docker.io");
      assertThat(answer.headers().firstValue("Warning")).isEmpty();
      json(answer).path("tags").forEach(tag -> tags.add(tag.asString()));
      path = next(answer);
    }
    assertThat(tags).containsExactly("1", "2", "3", "4", "5");
    assertThat(pages).isEqualTo(3);
    assertThat(json(server.get(first + "&last=4")).path("tags")).hasSize(1);
  }

  @Test
  void tags_unknownUpstream_isNameUnknown() {
    HttpResponse<byte[]> answer = server.get("/v2/docker.io/none/tags/list");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(text(answer)).contains("NAME_UNKNOWN");
  }

  @Test
  void tags_deniedOfAPlainNameNobodyKnows_isNameUnknown() {
    upstream.always(ScriptedUpstream.tagsPath("library/mine"), new Step.Status(403, Map.of()));

    assertThat(server.get("/v2/mine/tags/list").statusCode()).isEqualTo(404);
    assertThat(server.get("/v2/docker.io/mine/tags/list").statusCode()).isEqualTo(403);
  }

  @Test
  void tags_upstreamDown_areServedWithWarning() {
    server.get(APP + "/manifests/1");
    upstream.always(ScriptedUpstream.tagsPath(UPSTREAM), new Step.Status(503, Map.of()));

    HttpResponse<byte[]> answer = server.get(APP + "/tags/list");
    assertThat(json(answer).path("tags")).hasSize(1);
    assertThat(answer.headers().firstValue("Warning").orElseThrow())
        .startsWith("299 - \"upstream docker.io fails; ")
        .endsWith("\"");
  }

  @Test
  void referrers_ofUpstreamAndOfHere_areOneListThatCanBeFilteredAndPaged() {
    Manifest signature = referrer("sig", "application/vnd.test.sig");
    Manifest sbom = referrer("sbom", "application/vnd.test.sbom+json");
    Manifest local = referrer("local", "application/vnd.test.sig");
    server.get(APP + "/manifests/" + local.digest());
    upstream.forgetTag(UPSTREAM, local.digest().toString());

    String path = APP + "/referrers/" + image.digest();
    assertThat(digests(path)).containsExactly(sorted(signature, sbom, local));
    assertThat(digests(path + "?n=1")).containsExactly(sorted(signature, sbom, local));
    HttpResponse<byte[]> filtered =
        server.get(path + "?artifactType=application/vnd.test.sbom%2Bjson");
    assertThat(digests(filtered)).containsExactly(sbom.digest().toString());
    assertThat(filtered.headers().firstValue("OCI-Filters-Applied")).contains("artifactType");
    assertThat(filtered.headers().firstValue("Content-Type")).contains(MediaTypes.OCI_INDEX);
    assertThat(filtered.headers().firstValue("OCI-Namespace")).contains("docker.io");
    assertThat(server.get(APP + "/manifests/" + sbom.digest()).body()).isEqualTo(sbom.content());
  }

  @Test
  void referrers_moreThanOneBatch_areEachOnce() {
    var expected = new ArrayList<Manifest>();
    for (int i = 0; i < 100; i++) {
      Manifest referrer = referrer("r" + i, "application/vnd.test.sig");
      expected.add(referrer);
      if (i % 2 == 0) {
        server.get(APP + "/manifests/" + referrer.digest());
      }
    }

    String path = APP + "/referrers/" + image.digest();
    assertThat(digests(path)).containsExactly(sorted(expected.toArray(Manifest[]::new)));
    assertThat(digests(path + "?n=32")).containsExactly(sorted(expected.toArray(Manifest[]::new)));
  }

  @Test
  void referrers_ofUpstreamOnlyInPagesOfOneBatch_leadOn() {
    var expected = new ArrayList<Manifest>();
    for (int i = 0; i < 40; i++) {
      expected.add(referrer("r" + i, "application/vnd.test.sig"));
    }

    assertThat(digests(APP + "/referrers/" + image.digest() + "?n=32"))
        .containsExactly(sorted(expected.toArray(Manifest[]::new)));
  }

  @Test
  void referrers_underTheFallbackTag_areReachableBothWays() {
    upstream.withoutReferrersApi();
    Manifest signature = referrer("sig", "application/vnd.test.sig");
    Tag tag = Tag.listingReferrersOf(image.digest());
    upstream.manifest(UPSTREAM, tag.value(), Images.listing(List.of(signature)));

    assertThat(digests(APP + "/referrers/" + image.digest()))
        .containsExactly(signature.digest().toString());
    assertThat(text(server.get(APP + "/manifests/" + tag))).contains(signature.digest().toString());
  }

  @Test
  void referrers_upstreamDown_are503UnlessSomethingIsKnown() {
    Manifest signature = referrer("sig", "application/vnd.test.sig");
    String path = APP + "/referrers/" + image.digest();
    server.get(APP + "/manifests/1");
    upstream.always(
        "/v2/%s/referrers/%s".formatted(UPSTREAM, image.digest()), new Step.Status(500, Map.of()));
    assertThat(server.get(path).statusCode()).isEqualTo(503);

    server.get(APP + "/manifests/" + signature.digest());
    HttpResponse<byte[]> answer = server.get(path);
    assertThat(digests(answer)).containsExactly(signature.digest().toString());
    assertThat(answer.headers().firstValue("Warning")).isPresent();
  }

  @Test
  void referrers_ofAPlainNameNobodyKnows_areNone() {
    upstream.close();

    HttpResponse<byte[]> answer = server.get("/v2/mine/referrers/" + image.digest());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(digests(answer)).isEmpty();
  }

  private Manifest referrer(String note, String type) {
    return upstream.manifest(UPSTREAM, note, Images.referrer(note, type, image));
  }

  private static String[] sorted(Manifest... manifests) {
    return List.of(manifests).stream()
        .map(manifest -> manifest.digest().toString())
        .sorted()
        .toArray(String[]::new);
  }

  /** All pages. */
  private List<String> digests(String path) {
    var all = new ArrayList<String>();
    for (Optional<String> page = Optional.of(path); page.isPresent(); ) {
      HttpResponse<byte[]> answer = server.get(page.get());
      all.addAll(digests(answer));
      page = next(answer);
    }
    return all;
  }

  private static List<String> digests(HttpResponse<byte[]> answer) {
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    var digests = new ArrayList<String>();
    json(answer).path("manifests").forEach(it -> digests.add(it.path("digest").asString()));
    return digests;
  }

  private static Optional<String> next(HttpResponse<byte[]> answer) {
    return answer
        .headers()
        .firstValue("Link")
        .map(link -> {
          Matcher next = NEXT.matcher(link);
          assertThat(next.matches()).as(link).isTrue();
          return next.group(1);
        });
  }

  private static JsonNode json(HttpResponse<byte[]> answer) {
    return JsonMapper.builder().build().readTree(answer.body());
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), UTF_8);
  }
}
