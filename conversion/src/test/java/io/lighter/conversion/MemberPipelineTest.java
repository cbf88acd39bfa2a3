package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.conversion.gzip.GzipEncoders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class MemberPipelineTest {

  private static final int PAYLOAD = 1 << 20;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Runs nothing until it is told to, and then the last first. */
  private static final class Backwards implements Executor {
    private final Deque<Runnable> tasks = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
      tasks.push(task);
      if (tasks.size() == 3) {
        tasks.forEach(Runnable::run);
        tasks.clear();
      }
    }
  }

  @Test
  void payload_packedOutOfOrder_isWrittenInOrder() throws IOException {
    var written = new ArrayList<Object>();
    try (var pipeline =
        new MemberPipeline(
            out, GzipEncoders.jdk(), new Backwards(), 3, PAYLOAD, 0, MemberBatch.Packed.NONE)) {
      for (int i = 0; i < 6; i++) {
        byte fill = (byte) i;
        pipeline.payload(
            PAYLOAD,
            (b, o, n) -> Arrays.fill(b, o, o + n, fill),
            MemberPipeline.NOWHERE,
            written::add);
        pipeline.then(() -> written.add("after " + fill));
      }
      // Six batches: the executor runs when it has three, in the wrong order.
      assertThat(pipeline.finish()).isEqualTo(out.size());
    }

    assertThat(written).hasSize(12);
    long last = -1;
    for (int i = 0; i < 6; i++) {
      var member = (Member) written.get(2 * i);
      assertThat(member.offset()).isGreaterThan(last);
      last = member.offset();
      assertThat(written.get(2 * i + 1)).isEqualTo("after " + i);
    }
    byte[] plain = Conversions.gunzip(out.toByteArray());
    for (int i = 0; i < 6; i++) {
      assertThat(plain[i * PAYLOAD]).isEqualTo((byte) i);
    }
  }

  @Test
  void append_withoutPayload_isAMemberToo() throws IOException {
    try (var pipeline = pipeline(Runnable::run)) {
      pipeline.append(new byte[3 << 20], MemberPipeline.NOWHERE);
      pipeline.finish();
    }

    assertThat(Conversions.gunzip(out.toByteArray())).hasSize(3 << 20).containsOnly(0);
  }

  @Test
  void finish_nothing_writesNothing() throws IOException {
    var told = new ArrayList<String>();
    try (var pipeline = pipeline(Runnable::run)) {
      pipeline.then(() -> told.add("done"));

      assertThat(pipeline.finish()).isZero();
    }
    assertThat(told).isEqualTo(List.of("done"));
    assertThat(out.size()).isZero();
  }

  @Test
  void payload_executorRefuses_fails() {
    try (var pipeline =
        pipeline(_ -> {
          throw new RejectedExecutionException("shut down");
        })) {
      assertThatThrownBy(pipeline::finish).isInstanceOf(RejectedExecutionException.class);
    }
  }

  @Test
  void memoryBound_moreThreads_needMore() {
    assertThat(MemberPipeline.memoryBound(1, 4 << 20)).isBetween(8L << 20, 32L << 20);
    assertThat(MemberPipeline.memoryBound(2, 4 << 20))
        .isEqualTo(5 * MemberPipeline.memoryBound(1, 4 << 20));
  }

  private MemberPipeline pipeline(Executor executor) {
    return new MemberPipeline(
        out, GzipEncoders.jdk(), executor, 2, PAYLOAD, 0, MemberBatch.Packed.NONE);
  }
}
