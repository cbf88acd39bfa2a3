package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Referrers that a client listed under a fallback tag appear among those that the registry knows.
 */
class FallbackReferrersTest {
  private static final byte[] CONFIG = "{}".getBytes(UTF_8);
  private static final Digest SUBJECT = Digest.ofSha256("subject".getBytes(UTF_8));

  @TempDir private Path data;
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(data, 0);
    server.pushBlob("team/app", Digest.ofSha256(CONFIG), CONFIG);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void referrers_ofBothKinds_eachOnceInPagesOfAnySize() {
    List<Manifest> known = IntStream.range(0, 5).mapToObj(n -> artifact(n, true)).toList();
    List<Manifest> listed = IntStream.range(5, 9).mapToObj(n -> artifact(n, false)).toList();
    Stream.concat(known.stream(), listed.stream()).forEach(this::push);
    Manifest gone = artifact(10, false);
    push(gone);
    server.pushManifest(
        "team/app",
        index(Stream.of(listed, List.of(known.getFirst(), gone)).flatMap(List::stream).toList()),
        "sha256-" + SUBJECT.hex());
    server.delete("/v2/team/app/manifests/" + gone.digest());

    var expected =
        Stream.concat(known.stream(), listed.stream()).map(m -> m.digest().toString()).sorted();
    assertThat(pages("?n=1")).containsExactlyElementsOf(expected.toList());
    assertThat(pages("?n=4")).hasSize(9).doesNotHaveDuplicates();
    assertThat(pages("")).hasSize(9);
    assertThat(pages("?artifactType=application/x-listed")).hasSize(4);
  }

  /** A page that ends just where listed ones go on, which nothing but the list tells. */
  @Test
  void referrers_onlyListed_pagesOfAnySizeLeadToAll() {
    List<Manifest> listed = IntStream.range(0, 40).mapToObj(n -> artifact(n, false)).toList();
    listed.forEach(this::push);
    server.pushManifest("team/app", index(listed), "sha256-" + SUBJECT.hex());

    for (int n : List.of(7, 32, 39, 40, 41)) {
      assertThat(pages("?n=" + n))
          .as("pages of %d", n)
          .containsExactlyElementsOf(
              listed.stream().map(m -> m.digest().toString()).sorted().toList());
    }
  }

  private void push(Manifest manifest) {
    server.pushManifest("team/app", manifest, manifest.digest().toString());
  }

  private List<String> pages(String query) {
    var digests = new ArrayList<String>();
    Optional<String> next = Optional.of("/v2/team/app/referrers/" + SUBJECT + query);
    while (next.isPresent()) {
      HttpResponse<byte[]> page = server.get(next.get());
      assertThat(page.statusCode()).isEqualTo(200);
      var found = Pattern.compile("sha256:[0-9a-f]{64}").matcher(new String(page.body(), UTF_8));
      while (found.find()) {
        digests.add(found.group());
      }
      next = page.headers().firstValue("Link").map(link -> link.substring(1, link.indexOf('>')));
    }
    return digests;
  }

  private static Manifest artifact(int number, boolean withSubject) {
    return manifest(
        MediaTypes.OCI_MANIFEST,
        "\"artifactType\":\"application/x-test\",\"config\":%s,\"layers\":[],\"annotations\":{\"n\":\"%d\"}%s"
            .formatted(
                descriptor(MediaTypes.OCI_EMPTY, Digest.ofSha256(CONFIG), CONFIG.length, ""),
                number,
                withSubject
                    ? ",\"subject\":" + descriptor(MediaTypes.OCI_MANIFEST, SUBJECT, 7, "")
                    : ""));
  }

  private static Manifest index(List<Manifest> children) {
    String type = ",\"artifactType\":\"application/x-listed\"";
    return manifest(
        MediaTypes.OCI_INDEX,
        "\"manifests\":["
            + children.stream()
                .map(m -> descriptor(m.mediaType(), m.digest(), m.content().length, type))
                .collect(Collectors.joining(","))
            + "]");
  }

  private static Manifest manifest(String mediaType, String fields) {
    return Manifest.of(
        Optional.empty(),
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",%s}"
            .formatted(mediaType, fields)
            .getBytes(UTF_8));
  }

  private static String descriptor(String mediaType, Digest digest, int size, String more) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d%s}"
        .formatted(mediaType, digest, size, more);
  }
}
