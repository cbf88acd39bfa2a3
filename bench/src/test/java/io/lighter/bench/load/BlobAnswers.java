package io.lighter.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.lighter.bench.load.RawServer.Reply;
import io.lighter.bench.load.RawServer.Request;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Right answers for a blob, of which tests make wrong ones. */
public final class BlobAnswers {
  public static final String BOUNDARY = "frontier";

  private final byte[] blob;

  public BlobAnswers(byte[] blob) {
    this.blob = blob.clone();
  }

  public byte[] blob() {
    return blob.clone();
  }

  /** The ranges of a request. */
  public List<ByteRange> ranges(Request request) {
    var ranges = new ArrayList<ByteRange>();
    for (String text : Arrays.asList(request.header("range").substring(6).split(",", -1))) {
      int dash = text.indexOf('-');
      long first = Long.parseLong(text.substring(0, dash));
      ranges.add(new ByteRange(first, Long.parseLong(text.substring(dash + 1)) - first + 1));
    }
    return ranges;
  }

  /** Everything right. */
  public Reply right(Request request) {
    if (request.method().equals("HEAD")) {
      return Reply.of(head("200 OK", "Content-Length: " + blob.length));
    }
    if (request.header("range").isEmpty()) {
      return Reply.of(answer("200 OK", "Accept-Ranges: bytes", blob));
    }
    List<ByteRange> ranges = ranges(request);
    return Reply.of(
        ranges.size() == 1
            ? answer(
                "206 Partial Content", contentRange(ranges.getFirst()), part(ranges.getFirst()))
            : multipart(multipartBody(ranges)));
  }

  public byte[] part(ByteRange range) {
    return Arrays.copyOfRange(blob, (int) range.first(), (int) range.last() + 1);
  }

  public String contentRange(ByteRange range) {
    return "Content-Range: bytes " + range + '/' + blob.length;
  }

  public byte[] multipart(byte[] body) {
    return answer(
        "206 Partial Content", "Content-Type: multipart/byteranges; boundary=" + BOUNDARY, body);
  }

  public byte[] multipartBody(List<ByteRange> ranges) {
    var body = new ByteArrayOutputStream();
    for (ByteRange range : ranges) {
      body.writeBytes(
          "\r\n--%s\r\nContent-Type: application/octet-stream\r\n%s\r\n\r\n"
              .formatted(BOUNDARY, contentRange(range))
              .getBytes(ISO_8859_1));
      body.writeBytes(part(range));
    }
    body.writeBytes("\r\n--%s--\r\n".formatted(BOUNDARY).getBytes(ISO_8859_1));
    return body.toByteArray();
  }

  public static byte[] head(String status, String header) {
    return "HTTP/1.1 %s\r\n%s\r\n\r\n".formatted(status, header).getBytes(ISO_8859_1);
  }

  public static byte[] answer(String status, String header, byte[] body) {
    var answer = new ByteArrayOutputStream();
    answer.writeBytes(head(status, header + "\r\nContent-Length: " + body.length));
    answer.writeBytes(body);
    return answer.toByteArray();
  }
}
