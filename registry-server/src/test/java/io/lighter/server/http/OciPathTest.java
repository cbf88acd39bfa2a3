package io.lighter.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OciPathTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /v2                                   | Ping[]
          /v2/                                  | Ping[]
          /v2/_catalog                          | Catalog[]
          /v2/a/blobs/sha256:1                  | Blob[name=a, digest=sha256:1]
          /v2/a/blobs/sha256%3A1                | Blob[name=a, digest=sha256:1]
          /v2/a/b/c/blobs/sha256:1              | Blob[name=a/b/c, digest=sha256:1]
          /v2/a/blobs/uploads                   | Uploads[name=a]
          /v2/a/blobs/uploads/                  | Uploads[name=a]
          /v2/a/blobs/uploads/1-2               | Upload[name=a, id=1-2]
          /v2/a/manifests/latest                | Manifest[name=a, reference=latest]
          /v2/a/tags/list                       | Tags[name=a]
          /v2/a/referrers/sha256:1              | Referrers[name=a, digest=sha256:1]
          /v2/h.io:5000/a/manifests/latest      | Manifest[name=h.io:5000/a, reference=latest]
          /v2/a/blobs/uploads/manifests/y       | Manifest[name=a/blobs/uploads, reference=y]
          /v2/blobs/manifests/blobs/sha256:1    | Blob[name=blobs/manifests, digest=sha256:1]
          /v2/x/manifests/y/tags/list           | Tags[name=x/manifests/y]
          /v2/a/blobs/uploads/blobs/uploads/    | Uploads[name=a/blobs/uploads]
          /v2/../blobs/sha256:1                 | Blob[name=.., digest=sha256:1]
          /v2/a%2Fb/blobs/sha256:1              | Blob[name=a%2Fb, digest=sha256:1]
          """)
  void parse_endpoint(String path, String endpoint) {
    assertThat(OciPath.parse(path).map(Object::toString)).contains(endpoint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/v1/",
        "/v2x/",
        "/v2/a",
        "/v2/a/b",
        "/v2//blobs",
        "/v2/blobs/sha256:1",
        "/v2/manifests/latest",
        "/v2/a/tags/other",
        "/v2/a/unknown/x",
        "//v2/a/blobs/sha256:1"
      })
  void parse_anythingElse_isNoEndpoint(String path) {
    assertThat(OciPath.parse(path)).isEmpty();
  }
}
