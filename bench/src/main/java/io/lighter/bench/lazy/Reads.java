package io.lighter.bench.lazy;

import io.lighter.bench.load.ByteRange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * What a container reads of its layers before it is ready, in the order in which it does.
 *
 * @param windows each with the layer that it is in
 */
public record Reads(List<Window> windows) {

  /**
   * Bytes of one request.
   *
   * @param layer number in the manifest, from 0
   */
  public record Window(int layer, ByteRange range) {}

  public Reads {
    windows = List.copyOf(windows);
  }

  /**
   * The model: files drawn at random, each fetched as the chunks that it is in, until a share of
   * the image is there. What was fetched ahead counts, and is not fetched again.
   *
   * @param share of the bytes of all lazy layers, from 0 to 1
   */
  public static Reads model(List<LazyLayer> layers, double share, long seed) {
    var files = new ArrayList<Window>();
    long total = 0;
    long there = 0;
    var fetched = new ArrayList<ChunkSet>();
    for (int i = 0; i < layers.size(); i++) {
      LazyLayer layer = layers.get(i);
      fetched.add(new ChunkSet(layer));
      if (layer.lazy()) {
        total += layer.size();
        if (layer.prefetch() > 0) {
          ByteRange ahead = layer.chunks(0, Math.min(layer.prefetch(), layer.size()));
          fetched.get(i).add(ahead);
          there += ahead.length();
        }
        int number = i;
        layer.files().forEach(file -> files.add(new Window(number, file)));
      }
    }
    Collections.shuffle(files, new Random(seed));
    var windows = new ArrayList<Window>();
    long wanted = Math.round(total * share);
    for (Window file : files) {
      if (there >= wanted) {
        break;
      }
      LazyLayer layer = layers.get(file.layer());
      ByteRange chunks = layer.chunks(file.range().first(), file.range().length());
      for (ByteRange missing : fetched.get(file.layer()).missing(chunks)) {
        windows.add(new Window(file.layer(), missing));
        fetched.get(file.layer()).add(missing);
        there += missing.length();
      }
    }
    return new Reads(windows);
  }
}
