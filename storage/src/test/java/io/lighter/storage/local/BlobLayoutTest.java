package io.lighter.storage.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import io.lighter.storage.UploadId;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class BlobLayoutTest {
  private final BlobLayout layout = new BlobLayout(Path.of("/data"));

  /** The paths are part of the format: a change of one needs a new version of the store. */
  @Test
  void paths_fixedContent_asDrawn() {
    assertThat(layout.blob(Digest.ofSha256(new byte[0])))
        .hasToString(
            "/data/blobs/sha256/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assertThat(layout.blob(Digest.of(DigestAlgorithm.SHA512, new byte[0])).toString())
        .startsWith("/data/blobs/sha512/cf/cf83e1357eefb8bd");
    assertThat(layout.upload(new UploadId(new UUID(1, 2))))
        .hasToString("/data/uploads/00000000-0000-0001-0000-000000000002");
    assertThat(layout.format()).hasToString("/data/FORMAT");
    assertThat(layout.lock()).hasToString("/data/LOCK");
    assertThat(layout.metadata()).hasToString("/data/metadata");
    assertThat(layout.newTemporary().getParent()).isEqualTo(layout.temporary());
    assertThat(layout.temporary()).hasToString("/data/tmp");
    assertThat(layout.newTemporary()).isNotEqualTo(layout.newTemporary());
  }
}
