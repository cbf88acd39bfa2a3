package io.lighter.bench.work;

import io.lighter.bench.load.AnswerCheck;
import io.lighter.bench.load.FailureKind;
import io.lighter.oci.Digest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponse;
import java.security.MessageDigest;

/**
 * The answer to a request for a manifest: 200 and the digest in {@code Docker-Content-Digest}, and,
 * if it has a body, one of this digest.
 */
final class ManifestCheck extends AnswerCheck {
  private final Digest digest;
  private final boolean head;
  private final MessageDigest hash;

  ManifestCheck(Digest digest, boolean head) {
    this.digest = digest;
    this.head = head;
    this.hash = digest.algorithm().newMessageDigest();
  }

  @Override
  protected void head(HttpResponse answer) {
    requireStatus(answer, 200);
    String said = answer.headers().get("Docker-Content-Digest");
    if (!digest.toString().equals(said)) {
      fail(FailureKind.DIGEST, "%s instead of %s".formatted(said, digest));
    }
  }

  @Override
  protected void body(ByteBuf piece) {
    hash.update(ByteBufUtil.getBytes(piece));
  }

  @Override
  protected void end() {
    if (!head) {
      Digest received = Digest.of(digest.algorithm(), hash);
      if (!received.equals(digest)) {
        fail(FailureKind.DIGEST, "a body of %s instead of %s".formatted(received, digest));
      }
    }
  }
}
