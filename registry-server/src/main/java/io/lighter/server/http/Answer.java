package io.lighter.server.http;

import io.lighter.server.http.range.MultipartRanges;
import io.lighter.storage.BlobSource;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A complete answer as a value: what a handler decides and {@link Responder} writes. An answer with
 * a blob owns its open source; whoever does not write it must {@link #discard} it.
 *
 * @param status HTTP status
 * @param headers headers in the order they are written; a name may repeat
 * @param body what follows them
 */
record Answer(int status, List<Header> headers, Body body) {

  /** One header line. Thread-safe. */
  static final class Header {
    private static final byte[] COLON = {':', ' '};
    private static final byte[] END = {'\r', '\n'};

    private final String name;
    private final String value;
    private final byte @Nullable [] line;

    private Header(String name, String value, byte @Nullable [] line) {
      this.name = name;
      this.value = value;
      this.line = line;
    }

    Header(String name, String value) {
      this(name, value, null);
    }

    /** One that will be in many answers. */
    static Header reused(String name, String value) {
      return new Header(
          name, value, (name + ": " + value + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    String name() {
      return name;
    }

    String value() {
      return value;
    }

    /** Writes the line, with its end (RFC 9112, section 5). */
    void writeTo(ByteBuf to) {
      if (line != null) {
        to.writeBytes(line);
      } else {
        to.writeCharSequence(name, StandardCharsets.ISO_8859_1);
        to.writeBytes(COLON);
        to.writeCharSequence(value, StandardCharsets.ISO_8859_1);
        to.writeBytes(END);
      }
    }
  }

  /** What follows the headers. */
  sealed interface Body {

    /** Nothing. */
    record None() implements Body {}

    /** Nothing, but the length that a GET would have: the answer to a HEAD. */
    record Head(long length) implements Body {}

    /** Bytes from memory. */
    @SuppressWarnings("ArrayRecordComponent") // Written once, never compared.
    record Bytes(byte[] content) implements Body {}

    /** One slice of a blob. */
    record Slice(BlobSource source, long offset, long length) implements Body {}

    /** Several slices of a blob as {@code multipart/byteranges}. */
    record Multipart(BlobSource source, MultipartRanges ranges) implements Body {}
  }

  Answer {
    headers = List.copyOf(headers);
  }

  /** Whether the body is in a file here as a whole, so that no upstream had a part in it. */
  boolean isStored() {
    return source().orElse(null) instanceof BlobSource.LocalFile;
  }

  /** Whether its content is mirrored from an upstream, as its header says. */
  boolean isMirrored() {
    for (Header header : headers) {
      if (header.name().equals("OCI-Namespace")) {
        return true;
      }
    }
    return false;
  }

  static Answer of(int status) {
    return new Answer(status, List.of(), new Body.None());
  }

  /** This answer with one more header. */
  Answer with(String name, String value) {
    Header[] more = headers.toArray(new Header[headers.size() + 1]);
    more[headers.size()] = new Header(name, value);
    return new Answer(status, List.of(more), body);
  }

  /**
   * This answer with a warning, if there is one (OCI Distribution Specification, "Warnings").
   *
   * @param text without quotation marks and backslashes
   */
  Answer warned(Optional<String> text) {
    return text.map(warning -> with("Warning", "299 - \"" + warning + '"')).orElse(this);
  }

  /** This answer with the namespace that its content is from, if it is from one. */
  Answer named(Optional<String> namespace) {
    return namespace.map(host -> with("OCI-Namespace", host)).orElse(this);
  }

  /** This answer with a body from memory. */
  Answer json(byte[] content, String contentType) {
    return new Answer(status, headers, new Body.Bytes(content)).with("Content-Type", contentType);
  }

  /** This answer with another body. */
  Answer body(Body other) {
    return new Answer(status, headers, other);
  }

  /** The answer to a HEAD: the same headers and length, no body. */
  Answer withoutBody() {
    return switch (body) {
      case Body.None _, Body.Head _ -> this;
      case Body.Bytes _, Body.Slice _, Body.Multipart _ -> {
        discard();
        yield body(new Body.Head(length()));
      }
    };
  }

  /** Bytes of the body, or of the one that a GET would have. */
  long length() {
    return switch (body) {
      case Body.None _ -> 0;
      case Body.Head(long length) -> length;
      case Body.Bytes bytes -> bytes.content().length;
      case Body.Slice slice -> slice.length();
      case Body.Multipart multipart -> multipart.ranges().length();
    };
  }

  /** Whether this is the answer to a HEAD. */
  boolean isHead() {
    return body instanceof Body.Head;
  }

  /** Whether the head says how long the body is (RFC 9110, section 8.6). */
  boolean announcesLength() {
    return !(body instanceof Body.None && (status == 204 || status == 304));
  }

  /** Whether this answer is the last one on its connection. */
  boolean closesConnection() {
    return headers.stream()
        .anyMatch(header -> header.name().equals("Connection") && header.value().equals("close"));
  }

  /** The open source that the body is read from, if it is from one. */
  Optional<BlobSource> source() {
    return switch (body) {
      case Body.None _, Body.Head _, Body.Bytes _ -> Optional.empty();
      case Body.Slice slice -> Optional.of(slice.source());
      case Body.Multipart multipart -> Optional.of(multipart.source());
    };
  }

  /** Releases what the answer holds when nobody will write it. */
  void discard() {
    source().ifPresent(BlobSource::close);
  }
}
