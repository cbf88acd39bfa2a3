package io.lighter.bench.work;

import io.lighter.bench.load.AnswerCheck;
import io.lighter.bench.load.FailureKind;
import io.lighter.oci.Digest;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponse;

/** The answer to the end of an upload: 201, and the digest if it says one. */
final class UploadCheck extends AnswerCheck {
  private final Digest digest;

  UploadCheck(Digest digest) {
    this.digest = digest;
  }

  @Override
  protected void head(HttpResponse head) {
    requireStatus(head, 201);
    String said = head.headers().get("Docker-Content-Digest");
    if (said != null && !said.equals(digest.toString())) {
      fail(FailureKind.DIGEST, "%s instead of %s".formatted(said, digest));
    }
  }

  @Override
  protected void body(ByteBuf piece) {}

  @Override
  protected void end() {}
}
